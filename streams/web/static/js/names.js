// The best name there is for a zone, hazard, subject or station.

import { named } from "./i18n.js";
import { state } from "./state.js";

export const zoneName = (id) => named(state.site?.zones[id]?.name, id ?? "");
export const hazardName = (id) => named(state.site?.hazards[id]?.name, id ?? "");
export const stationName = (id) => named(state.stations.get(id)?.name, id ?? "");

/** What an alert is about: a zone, a station, or a source or reach that only has an id. */
export const subjectName = (id) => {
  const own = state.site?.subjects?.[id];
  if (own) return named(own, id);
  return state.site?.zones[id] ? zoneName(id) : stationName(id);
};
