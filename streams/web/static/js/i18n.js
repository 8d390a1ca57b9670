// Both languages are complete: a test compares the keys.

export const words = {
  zh: {
    skip: "跳到当前警报", map: "地图", alerts: "当前警报", recent: "最近动态", health: "监测健康", counts: "按等级统计",
    api: "接口文档", sheet: "展开或收起警报面板", language: "EN", language_title: "Switch to English",
    theme_auto: "主题：跟随系统", theme_dark: "主题：深色", theme_light: "主题：浅色",
    sound_on: "提示音：开（新的橙色、红色警报）", sound_off: "提示音：关",
    exercise: "演练", exercise_long: "本页显示的是演练数据，不是真实险情", exercise_badge: "演练", test_badge: "测试", actual_badge: "真实",
    live: "实时", connecting: "连接中", lost: "连接中断，正在重试", away: "数据库暂不可用",
    notice_away: "数据库（Redis）暂时不可用。下面是最后收到的内容，不会自动更新；恢复后本页自行刷新，无需操作。",
    notice_lost: "与服务器的连接中断。下面是最后收到的内容；连接恢复后自动更新，无需操作。",
    quiet: "当前没有警报", quiet_long: "{all} 个监测点中 {ok} 个有数据。新的警报会立即出现在这里。",
    quiet_unknown: "还没有收到数据", loading: "正在载入…",
    level_red: "红色", level_orange: "橙色", level_yellow: "黄色", level_blue: "蓝色", level_none: "无警报",
    short_red: "红", short_orange: "橙", short_yellow: "黄", short_blue: "蓝",
    since: "始于", ago_s: "刚刚", ago_m: "{n} 分钟", ago_h: "{n} 小时", ago_d: "{n} 天", before: "{t}前",
    ack: "确认", end: "结束", withdraw: "撤回", cancel: "取消", close: "关闭", details: "详情", pending: "已提交…",
    ack_title: "确认警报", end_title: "结束警报", withdraw_title: "撤回警报",
    ack_why: "表示已有人看到并开始处置。确认只对当前等级有效，升级后需要重新确认。",
    end_why: "表示险情已经解除。", withdraw_why: "表示这条警报从一开始就是错误的。",
    two_persons: "红色警报需要两位不同的人员分别操作：第一位的操作会被记录，第二位须在十分钟内操作才生效。",
    your_name: "姓名", note: "说明（可选）", name_needed: "请填写姓名",
    recorded: "已记录，等待系统确认", failed: "没有成功：{why}",
    because: "为什么", would_change: "什么会改变等级", level_over: "结束", sureness: "可信度", sure_trustworthy: "可信成员", sure_agreement: "一致程度", sure_age: "数据新旧",
    from_stations: "{n} 个监测点", from_reports: "{n} 人上报", from_alerts: "{n} 条其他警报", rules_version: "规则版本",
    evidence: "依据", evidence_n: "依据 {n} 条", rule: "规则", time: "时间",
    station: "监测点", zone: "区域", unit: "责任单位", subject: "对象", instruction: "建议",
    muted: "已静默", acked: "{who} 已确认", proposed: "系统建议结束，等待人工操作",
    first_person: "{who} 已提出，等待第二人", no_data: "依据的监测点无数据", reports: "{n} 人上报",
    q1: "可信", q2: "未检验", q3: "可疑", q4: "错误", q9: "缺测",
    check_range: "超量程检查", check_stuck: "数值不变检查", check_gap: "中断检查", check_late: "迟到", check_future: "时间超前",
    check_saturated: "达到量程", check_range_hard: "超出可能范围", check_range_soft: "超出常见范围", check_missing: "缺测",
    check_rise: "上升过快", check_fall: "下降过快", check_shift: "短时跳变", check_oscillation: "反复振荡", check_unreliable: "尚未恢复可信",
    check_neighbour: "与邻站不符", check_drift: "相对邻站漂移",
    check_suspect_before: "此前数值可疑", score: "健康度 {n}", battery: "电量 {n}%",
    check_duplicate: "重复", check_conflict: "冲突",
    state_ok: "正常", state_silent: "无数据", state_failed: "故障", state_unheard: "尚未上报",
    rising: "上升", falling: "下降", steady: "平稳",
    unwatched: "没有监测这些灾种的传感器，情况不明：{hazards}", comma: "、",
    legend: "图例", legend_none: "正常", legend_silent: "无数据", legend_suspect: "数据可疑", legend_source: "隐患点", legend_area: "警报范围",
    find: "查找监测点或区域", nothing: "没有找到", stations_n: "{n} 个监测点", contributes: "参与的警报", no_alert_here: "这里没有警报",
    kind_source: "隐患点", kind_reach: "河段", kind_zone: "区域", kind_station: "监测点",
    r_first: "新警报", r_level_up: "升级", r_level_down: "降级", r_repeat: "持续", r_area: "范围变化", r_evidence: "新的依据",
    r_ended: "已结束", r_expired: "已过期", r_withdrawn: "已撤回", r_reopened: "再次发生", r_acknowledged: "已确认",
    r_escalated: "已上报上级", r_unmuted: "静默解除", r_rules_changed: "规则变更", r_digest: "汇总",
    h_bad: "异常", h_good: "恢复正常", nothing_yet: "还没有动态",
    derived: "（计算值）", p_rain: "雨量", p_gas_lel: "可燃气体", p_air_temperature: "气温", p_dam_seepage: "大坝渗流",
    p_water_level: "水位", p_discharge: "流量", p_rainfall: "雨量", p_rain_5min: "5分钟雨量", p_rain_10min: "10分钟雨量", p_rain_1h: "1小时雨量",
    p_rain_24h: "24小时雨量", p_precipitation: "降水量", p_displacement: "位移", p_crack_width: "裂缝宽度", p_tilt: "倾角", p_soil_moisture: "土壤含水率",
    p_pore_pressure: "孔隙水压", p_acceleration: "加速度", p_methane: "甲烷", p_combustible_gas: "可燃气体", p_gas: "气体浓度", p_co: "一氧化碳",
    p_h2s: "硫化氢", p_smoke: "烟雾", p_temperature: "气温", p_humidity: "湿度", p_wind_speed: "风速", p_wind_gust: "阵风",
    p_wind_direction: "风向", p_pressure: "气压", p_pm25: "PM2.5", p_pm10: "PM10", p_pm2_5: "PM2.5", p_o3: "臭氧", p_no2: "二氧化氮",
    p_so2: "二氧化硫", p_aqi: "空气质量指数", p_seepage: "渗流量", p_visibility: "能见度", p_flow_velocity: "流速",
    p_ammonia_nitrogen: "氨氮", p_beach_length: "干滩长度", p_conductivity: "电导率", p_dam_seepage_residual: "大坝渗流残差",
    p_epicentre_latitude: "震中纬度", p_epicentre_longitude: "震中经度", p_forest_fire_index: "森林火险天气指数",
    p_inflow_departure: "30天来水量距平",
    p_dissolved_oxygen: "溶解氧", p_epicentral_distance: "震中距", p_estimated_intensity: "预估烈度", p_fire_alarm: "火灾探测器报警",
    p_gas_cl2: "氯气", p_gas_co: "一氧化碳", p_gas_h2s: "硫化氢", p_gas_nh3: "氨气", p_ground_x: "地面加速度 X",
    p_ground_y: "地面加速度 Y", p_ground_z: "地面加速度 Z", p_gully_rain: "沟道雨量", p_gully_stage: "沟道水位",
    p_gully_vibration: "沟道振动", p_heat: "顶棚温度", p_intensity: "仪器烈度", p_magnitude: "震级", p_noon_humidity: "正午湿度",
    p_noon_rain: "正午前 24 小时雨量", p_noon_temperature: "正午气温", p_noon_wind: "正午风速", p_permanganate_index: "高锰酸盐指数",
    p_ph: "pH", p_phreatic_depth: "浸润线埋深", p_pond_displacement: "坝体位移", p_pond_level: "库内水位", p_pond_rain: "库区雨量",
    p_reservoir_level: "库水位", p_sea_level: "潮位", p_slope_rain: "边坡雨量", p_snowfall: "降雪量", p_stream_stage: "溪沟水位",
    p_total_phosphorus: "总磷", p_turbidity: "浊度", p_water_depth: "积水深度",
  },
  en: {
    skip: "Skip to active alerts", map: "Map", alerts: "Active alerts", recent: "What happened last", health: "Monitoring health",
    counts: "Alerts by level", api: "API", sheet: "Open or close the alert sheet", language: "中", language_title: "切换到中文",
    theme_auto: "Theme: as the system", theme_dark: "Theme: dark", theme_light: "Theme: light",
    sound_on: "Sound: on (new orange and red alerts)", sound_off: "Sound: off",
    exercise: "EXERCISE", exercise_long: "This page shows exercise data, not a real event", exercise_badge: "EXERCISE", test_badge: "TEST", actual_badge: "REAL",
    live: "Live", connecting: "Connecting", lost: "Connection lost, retrying", away: "Database away",
    notice_away: "The database (Redis) is away. Below is what came last; it does not update. The page recovers by itself, nothing to do.",
    notice_lost: "The connection to the server is lost. Below is what came last; the page recovers by itself, nothing to do.",
    quiet: "No active alerts", quiet_long: "{ok} of {all} stations report. A new alert appears here at once.",
    quiet_unknown: "No data received yet", loading: "Loading…",
    level_red: "Red", level_orange: "Orange", level_yellow: "Yellow", level_blue: "Blue", level_none: "No alert",
    short_red: "RED", short_orange: "ORANGE", short_yellow: "YELLOW", short_blue: "BLUE",
    since: "since", ago_s: "just now", ago_m: "{n} min", ago_h: "{n} h", ago_d: "{n} d", before: "{t} ago",
    ack: "Acknowledge", end: "End", withdraw: "Withdraw", cancel: "Cancel", close: "Close", details: "Details", pending: "Submitted…",
    ack_title: "Acknowledge alert", end_title: "End alert", withdraw_title: "Withdraw alert",
    ack_why: "Somebody has seen it and acts. Holds for the present level; a higher level asks anew.",
    end_why: "The danger is over.", withdraw_why: "The alert was wrong from the start.",
    two_persons: "A red alert takes two different persons: the first one's act is recorded, the second one's, within ten minutes, makes it effective.",
    your_name: "Your name", note: "Note (optional)", name_needed: "Please give your name",
    recorded: "Recorded, waiting for confirmation", failed: "Not done: {why}",
    because: "Why", would_change: "What would change it", level_over: "End", sureness: "Confidence", sure_trustworthy: "trustworthy", sure_agreement: "agreement", sure_age: "age of data",
    from_stations: "{n} stations", from_reports: "{n} people reporting", from_alerts: "{n} other alerts", rules_version: "rules",
    evidence: "Evidence", evidence_n: "Evidence ({n})", rule: "Rule", time: "Time",
    station: "Station", zone: "Zone", unit: "Responsible unit", subject: "Subject", instruction: "Advice",
    muted: "Muted", acked: "Acknowledged by {who}", proposed: "End proposed, waiting for a person",
    first_person: "Proposed by {who}, waiting for a second person", no_data: "No data from a station in evidence", reports: "{n} people reported",
    q1: "Good", q2: "Not checked", q3: "Suspect", q4: "Bad", q9: "Missing",
    check_range: "range check", check_stuck: "stuck check", check_gap: "gap check", check_late: "late", check_future: "ahead of time",
    check_saturated: "at the instrument's limit", check_range_hard: "impossible value", check_range_soft: "unusual value", check_missing: "missing",
    check_rise: "rises too fast", check_fall: "falls too fast", check_shift: "sudden shift", check_oscillation: "swings to and fro", check_unreliable: "not yet trusted again",
    check_neighbour: "unlike its neighbours", check_drift: "drifts from its neighbours",
    check_suspect_before: "an earlier value is suspect", score: "Health {n}", battery: "Battery {n}%",
    check_duplicate: "duplicate", check_conflict: "conflict",
    state_ok: "OK", state_silent: "No data", state_failed: "Failed", state_unheard: "Not heard yet",
    rising: "rising", falling: "falling", steady: "steady",
    unwatched: "No sensor here for these hazards, so they are unknown: {hazards}", comma: ", ",
    legend: "Legend", legend_none: "Normal", legend_silent: "No data", legend_suspect: "Suspect data", legend_source: "Hazard source", legend_area: "Alert area",
    find: "Find a station or zone", nothing: "Nothing found", stations_n: "{n} stations", contributes: "Alerts it contributes to", no_alert_here: "No alert here",
    kind_source: "Hazard source", kind_reach: "River reach", kind_zone: "Zone", kind_station: "Station",
    r_first: "New alert", r_level_up: "Raised", r_level_down: "Lowered", r_repeat: "Continues", r_area: "Area changed", r_evidence: "New evidence",
    r_ended: "Ended", r_expired: "Expired", r_withdrawn: "Withdrawn", r_reopened: "Reopened", r_acknowledged: "Acknowledged",
    r_escalated: "Escalated", r_unmuted: "Unmuted", r_rules_changed: "Rules changed", r_digest: "Digest",
    h_bad: "Unwell", h_good: "Well again", nothing_yet: "Nothing yet",
    derived: " (derived)", p_rain: "Rain", p_gas_lel: "Combustible gas", p_air_temperature: "Air temperature", p_dam_seepage: "Dam seepage",
    p_water_level: "Water level", p_discharge: "Discharge", p_rainfall: "Rainfall", p_rain_5min: "Rain 5 min", p_rain_10min: "Rain 10 min", p_rain_1h: "Rain 1 h",
    p_rain_24h: "Rain 24 h", p_precipitation: "Precipitation", p_displacement: "Displacement", p_crack_width: "Crack width", p_tilt: "Tilt", p_soil_moisture: "Soil moisture",
    p_pore_pressure: "Pore pressure", p_acceleration: "Acceleration", p_methane: "Methane", p_combustible_gas: "Combustible gas", p_gas: "Gas", p_co: "Carbon monoxide",
    p_h2s: "Hydrogen sulphide", p_smoke: "Smoke", p_temperature: "Temperature", p_humidity: "Humidity", p_wind_speed: "Wind speed", p_wind_gust: "Wind gust",
    p_wind_direction: "Wind direction", p_pressure: "Air pressure", p_pm25: "PM2.5", p_pm10: "PM10", p_pm2_5: "PM2.5", p_o3: "Ozone", p_no2: "Nitrogen dioxide",
    p_so2: "Sulphur dioxide", p_aqi: "Air quality index", p_seepage: "Seepage", p_visibility: "Visibility", p_flow_velocity: "Flow velocity",
    p_ammonia_nitrogen: "Ammonia nitrogen", p_beach_length: "Beach length", p_conductivity: "Conductivity",
    p_dam_seepage_residual: "Residual of the dam's seepage", p_dissolved_oxygen: "Dissolved oxygen",
    p_epicentre_latitude: "Latitude of the epicentre", p_epicentre_longitude: "Longitude of the epicentre",
    p_forest_fire_index: "Forest fire index", p_inflow_departure: "Inflow of 30 d against a normal year",
    p_epicentral_distance: "Epicentral distance", p_estimated_intensity: "Estimated intensity",
    p_fire_alarm: "Fire detector alarm", p_gas_cl2: "Chlorine", p_gas_co: "Carbon monoxide",
    p_gas_h2s: "Hydrogen sulphide", p_gas_nh3: "Ammonia", p_ground_x: "Ground acceleration X",
    p_ground_y: "Ground acceleration Y", p_ground_z: "Ground acceleration Z", p_gully_rain: "Rain in the gully",
    p_gully_stage: "Stage in the gully", p_gully_vibration: "Vibration in the gully", p_heat: "Ceiling temperature",
    p_intensity: "Instrumental intensity", p_magnitude: "Magnitude", p_noon_humidity: "Humidity at noon",
    p_noon_rain: "Rain of 24 h to noon", p_noon_temperature: "Temperature at noon", p_noon_wind: "Wind at noon",
    p_permanganate_index: "Permanganate index", p_ph: "pH", p_phreatic_depth: "Depth of the phreatic line",
    p_pond_displacement: "Displacement of the dam", p_pond_level: "Level of the pond",
    p_pond_rain: "Rain at the pond", p_reservoir_level: "Reservoir level", p_sea_level: "Sea level",
    p_slope_rain: "Rain at the slope", p_snowfall: "Snowfall", p_stream_stage: "Stage of the stream",
    p_total_phosphorus: "Total phosphorus", p_turbidity: "Turbidity", p_water_depth: "Water depth",
  },
};

let language = "zh";

export const lang = () => language;

/** The word in the current language; {n} and the like are filled in. A property or check nobody named is itself. */
export function t(key, values = {}) {
  const text = words[language][key] ?? key.replace(/^(p|check)_/, "").replaceAll("_", " ");
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A name as {zh, en}: the current language, else the other, else the fallback. */
export function named(name, fallback = "") {
  const other = language === "zh" ? "en" : "zh";
  return name?.[language] || name?.[other] || fallback;
}

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden; the page works without
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see above
  }
}

export const recall = stored;

/** ?lang= first, then what was chosen before, then the site's own. */
export function chooseLanguage(site) {
  const asked = [new URLSearchParams(location.search).get("lang"), stored("tocsin.lang"), site, "zh"];
  setLanguage(asked.find((name) => name in words));
}

export function setLanguage(name) {
  language = name;
  document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
}
