// The dialog in which a person acts, and the short messages after it.

import { $, el } from "./dom.js";
import { freshKey, post } from "./api.js";
import { recall, remember, t } from "./i18n.js";
import { hazardName, subjectName } from "./names.js";
import { badge } from "./badge.js";

export function toast(text, bad = false) {
  const note = el("p", { class: bad ? "toast bad" : "toast" }, text);
  $("toasts").append(note);
  setTimeout(() => note.remove(), bad ? 9000 : 4000);
}

/** Ask who and why, send it. Answers true when the server has it; one dialog keeps one key, so a second try is harmless. */
export function ask(kind, command) {
  const dialog = $("act");
  const key = freshKey();
  const by = el("input", { id: "act-by", name: "by", autocomplete: "name", maxlength: 100, value: recall("tocsin.by") ?? "", "aria-describedby": "act-error" });
  const note = el("textarea", { id: "act-note", name: "note", rows: 2, maxlength: 2000 });
  const error = el("p", { id: "act-error", class: "error", role: "alert" });
  const send = el("button", { type: "submit", class: "primary" }, t(kind));
  const red = command.level === "red" && kind !== "ack";
  const form = el("form", { method: "dialog" },
    el("h2", { id: "act-title" }, t(`${kind}_title`)),
    el("p", { class: "about" }, badge(command.level, true), ` ${hazardName(command.hazard)} · ${subjectName(command.subject)}`),
    el("p", { class: "muted" }, t(`${kind}_why`)),
    red && el("p", { class: "warn" }, t("two_persons")),
    el("label", { for: "act-by" }, t("your_name")), by,
    el("label", { for: "act-note" }, t("note")), note,
    error,
    el("div", { class: "buttons" }, el("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")), send));
  dialog.setAttribute("aria-labelledby", "act-title");
  dialog.replaceChildren(form);
  dialog.showModal();
  by.focus();
  return new Promise((done) => {
    let sent = false;
    dialog.addEventListener("close", () => done(sent), { once: true });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!by.value.trim()) return refuse(error, by, t("name_needed"));
      send.disabled = true;
      try {
        await post(`/v1/alerts/${encodeURIComponent(command.alert)}/${kind}`, { by: by.value.trim(), note: note.value }, key);
      } catch (problem) {
        send.disabled = false;
        return refuse(error, by, t("failed", { why: problem.message }));
      }
      remember("tocsin.by", by.value.trim());
      sent = true;
      toast(t("recorded"));
      return dialog.close();
    });
  });
}

function refuse(error, field, text) {
  error.textContent = text;
  field.focus();
}
