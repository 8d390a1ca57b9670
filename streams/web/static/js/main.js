// Begin: read the site, draw what there is, go live.

import { $ } from "./dom.js";
import { setClock } from "./format.js";
import { chooseLanguage, recall, setLanguage, words } from "./i18n.js";
import { on, setLink, state } from "./state.js";
import { startAlerts } from "./alerts.js";
import { startDetail } from "./detail.js";
import { startFinder } from "./finder.js";
import { drawHeader, startHeader } from "./header.js";
import { startLegend } from "./legend.js";
import { start as startLive } from "./live.js";
import { startMap } from "./map.js";
import { startRecent } from "./recent.js";
import { startSound } from "./sound.js";

const RETRY_MS = 3000;
const SHEETS = ["half", "full", "peek"];

/** The site is configuration: it is there even when Redis is away. Without the server itself: try again. */
async function site() {
  for (;;) {
    try {
      const answer = await fetch("/v1/site", { cache: "no-cache" });
      if (answer.ok) {
        state.site = await answer.json();
        setClock(state.site.timezone, answer.headers.get("Date"));
        return;
      }
    } catch {
      // the loop says so
    }
    setLink("lost");
    drawHeader();
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

function startSheet() {
  let at = 0;
  $("grip").addEventListener("click", () => {
    at = (at + 1) % SHEETS.length;
    $("alerts").dataset.sheet = SHEETS[at];
  });
}

setLanguage([new URLSearchParams(location.search).get("lang"), recall("tocsin.lang")].find((name) => name in words) ?? "zh");
startHeader();
startSound();
drawHeader();
await site();
chooseLanguage(state.site.language);
$("version").textContent = state.site.version ? state.site.version.slice(0, 19) : "";
startSheet();
drawHeader();
startAlerts();
startRecent();
startDetail();
startFinder();
startLegend();
on("language", drawHeader);
startLive();
await startMap();
