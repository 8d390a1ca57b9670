// The live link: server-sent events, reloading when the server says `reset`, and calm about everything that is away.

import { get } from "./api.js";
import { apply, applyStations, replaceAll, setLink, state } from "./state.js";

const RETRY_MS = 3000;
const PROBE_MS = 10_000;
let source = null;
let loading = false;
let again = false;
let waiting = [];
let retry = null;

/** Load everything; commands that arrive meanwhile are kept and applied after, versions decide. */
async function reload() {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  try {
    const [alerts, stations, health, recent] = await Promise.all([get("/v1/alerts"), get("/v1/stations"), get("/v1/health"), get("/v1/recent?limit=60")]);
    replaceAll({ alerts: alerts.alerts, stations: stations.stations, health: health.health, recent: recent.commands });
    setLink("live");
  } catch (problem) {
    setLink(problem.status === 503 ? "away" : "lost");
    setTimeout(reload, RETRY_MS);
  } finally {
    loading = false;
    const missed = waiting;
    waiting = [];
    if (state.loaded) missed.forEach(apply);
    if (again) {
      again = false;
      reload();
    }
  }
}

function onCommand(event) {
  const command = JSON.parse(event.data);
  if (loading) waiting.push(command);
  else apply(command);
}

function onState(event) {
  if (!JSON.parse(event.data).redis) setLink("away");
  else reload();
}

function connect() {
  retry = null;
  source?.close();
  source = new EventSource("/v1/feed");
  source.addEventListener("hello", reload);
  source.addEventListener("reset", reload);
  source.addEventListener("command", onCommand);
  source.addEventListener("stations", (event) => applyStations(JSON.parse(event.data).stations));
  source.addEventListener("state", onState);
  // the browser resumes by itself with its Last-Event-ID; what stations did meanwhile has no id and is loaded anew
  source.addEventListener("open", () => state.loaded && state.link !== "live" && reload());
  source.addEventListener("error", onError);
}

async function onError() {
  const closed = source.readyState === EventSource.CLOSED;
  await probe();
  if (closed && !retry) retry = setTimeout(connect, RETRY_MS);
}

/** Heartbeats are comments that a page cannot see: so ask. A silent network or an absent Redis shows within seconds. */
async function probe() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PROBE_MS / 2) });
    if (answer.status === 503) setLink("away");
    else if (source.readyState === EventSource.OPEN && state.link !== "live") await reload();
    else if (source.readyState !== EventSource.OPEN && state.link === "away") setLink("connecting");
  } catch {
    setLink("lost");
  }
}

export function start() {
  connect();
  setInterval(probe, PROBE_MS);
  document.addEventListener("visibilitychange", () => !document.hidden && probe());
}
