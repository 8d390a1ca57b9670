// Numbers, units and times as people read them, in the site's own time zone.

import { lang, t } from "./i18n.js";

let zone = "UTC";
let offset = 0; // server's clock minus this machine's, ms: "12 min" must be right on a machine with a wrong clock

export const LEVELS = ["red", "orange", "yellow", "blue"];
export const ROMAN = { red: "I", orange: "II", yellow: "III", blue: "IV" };
const UNITS = { Cel: "°C", "[ft_i]": "ft", "%": "%", deg: "°", "mm/h": "mm/h", "m3/s": "m³/s", "ug/m3": "µg/m³", "mg/m3": "mg/m³", "m/s": "m/s", "m/s2": "m/s²", "[ppm]": "ppm", "%[LEL]": "%LEL", "%{LEL}": "%LEL", "10*-6": "ppm", "L/s": "L/s", "1": "" };

export const rank = (level) => (level ? LEVELS.length - LEVELS.indexOf(level) : 0);
export const levelName = (level) => (level ? t(`level_${level}`) : t("level_none"));
export const unit = (code) => UNITS[code] ?? code ?? "";
export const now = () => Date.now() + offset;

export function setClock(timezone, serverDate) {
  zone = timezone;
  const there = Date.parse(serverDate ?? "");
  if (Number.isFinite(there) && Math.abs(there - Date.now()) > 2000) offset = there - Date.now();
}

/** How many decimals a value carries, at most as many as help: 5.21, 38.9, 1250. */
export function decimals(value) {
  const size = Math.abs(value ?? 0);
  const most = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 || size === 0 ? 2 : 3;
  const shown = (value ?? 0).toFixed(most);
  return shown.includes(".") ? shown.replace(/0+$/, "").split(".")[1].length : 0;
}

/** Values of one series want the same digits: give the decimals of the finest. */
export function number(value, digits = decimals(value)) {
  if (value === null || value === undefined) return "–";
  return value.toLocaleString(lang() === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export const quantity = (value, code, digits) => (value === null || value === undefined ? "–" : `${number(value, digits)} ${unit(code)}`.trim());

const part = (options) => (time) =>
  time ? new Intl.DateTimeFormat(lang() === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, hourCycle: "h23", ...options }).format(new Date(time)) : "–";
export const clock = part({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const hour = part({ hour: "2-digit", minute: "2-digit" });
export const day = part({ month: "short", day: "numeric", weekday: "short" });
const dated = part({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });

/** A time of today as an hour, an older one with its day. */
export const moment = (time) => (time && day(time) !== day(now()) ? dated(time) : hour(time));

export function duration(from) {
  const minutes = Math.floor((now() - from) / 60_000);
  if (minutes < 1) return t("ago_s");
  if (minutes < 60) return t("ago_m", { n: minutes });
  if (minutes < 48 * 60) return t("ago_h", { n: Math.floor(minutes / 60) });
  return t("ago_d", { n: Math.floor(minutes / 1440) });
}

export const ago = (time) => {
  const text = duration(Date.parse(time));
  return text === t("ago_s") ? text : t("before", { t: text });
};

/** When an alert opened: the time in its id. */
export function opened(command) {
  const found = /:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?::\w+)?$/.exec(command.alert ?? "");
  return found ? Date.UTC(found[1], found[2] - 1, found[3], found[4], found[5], found[6]) : Date.parse(command.onset ?? command.time);
}
