"""Names of quantities: properties, what transforms make of them, attributes of stations."""

from streams.core.explain.words import NOTHING, Said, lasting
from streams.models.site import Input, Step

#: what a step makes of its input, where that is a word that people know
STEPS = {
    "sum": Said("累计", "total"), "mean": Said("平均", "mean"), "median": Said("中位数", "median"),
    "max": Said("最大", "maximum"), "min": Said("最小", "minimum"), "rate": Said("变化率", "rate of change"),
    "range": Said("变幅", "range"),
}  # fmt: skip
#: names of properties; the page has the same ones (web/static/js/i18n.js, tested)
PROPERTIES = {
    "rain": Said("雨量", "rain"), "gas_lel": Said("可燃气体", "combustible gas"),
    "air_temperature": Said("气温", "air temperature"), "dam_seepage": Said("大坝渗流", "dam seepage"),
    "water_level": Said("水位", "water level"), "discharge": Said("流量", "discharge"),
    "rainfall": Said("雨量", "rainfall"), "rain_5min": Said("5分钟雨量", "rain 5 min"),
    "rain_10min": Said("10分钟雨量", "rain 10 min"), "rain_1h": Said("1小时雨量", "rain 1 h"),
    "rain_24h": Said("24小时雨量", "rain 24 h"), "precipitation": Said("降水量", "precipitation"),
    "displacement": Said("位移", "displacement"), "crack_width": Said("裂缝宽度", "crack width"),
    "tilt": Said("倾角", "tilt"), "soil_moisture": Said("土壤含水率", "soil moisture"),
    "pore_pressure": Said("孔隙水压", "pore pressure"), "acceleration": Said("加速度", "acceleration"),
    "methane": Said("甲烷", "methane"), "combustible_gas": Said("可燃气体", "combustible gas"),
    "gas": Said("气体浓度", "gas"), "co": Said("一氧化碳", "carbon monoxide"),
    "h2s": Said("硫化氢", "hydrogen sulphide"),
    "smoke": Said("烟雾", "smoke"), "temperature": Said("气温", "temperature"), "humidity": Said("湿度", "humidity"),
    "wind_speed": Said("风速", "wind speed"), "wind_gust": Said("阵风", "wind gust"),
    "wind_direction": Said("风向", "wind direction"), "pressure": Said("气压", "air pressure"),
    "pm25": Said("PM2.5", "PM2.5"), "pm2_5": Said("PM2.5", "PM2.5"), "pm10": Said("PM10", "PM10"),
    "o3": Said("臭氧", "ozone"), "no2": Said("二氧化氮", "nitrogen dioxide"),
    "so2": Said("二氧化硫", "sulphur dioxide"), "aqi": Said("空气质量指数", "air quality index"),
    "seepage": Said("渗流量", "seepage"), "visibility": Said("能见度", "visibility"),
    "flow_velocity": Said("流速", "flow velocity"),
    "ammonia_nitrogen": Said("氨氮", "ammonia nitrogen"), "beach_length": Said("干滩长度", "beach length"),
    "conductivity": Said("电导率", "conductivity"),
    "dam_seepage_residual": Said("大坝渗流残差", "residual of the dam's seepage"),
    "dissolved_oxygen": Said("溶解氧", "dissolved oxygen"),
    "epicentral_distance": Said("震中距", "epicentral distance"),
    "epicentre_latitude": Said("震中纬度", "latitude of the epicentre"),
    "epicentre_longitude": Said("震中经度", "longitude of the epicentre"),
    "estimated_intensity": Said("预估烈度", "estimated intensity"),
    "fire_alarm": Said("火灾探测器报警", "fire detector alarm"),
    "forest_fire_index": Said("森林火险天气指数", "forest fire index"),
    "gas_cl2": Said("氯气", "chlorine"), "gas_co": Said("一氧化碳", "carbon monoxide"),
    "gas_h2s": Said("硫化氢", "hydrogen sulphide"), "gas_nh3": Said("氨气", "ammonia"),
    "ground_x": Said("地面加速度 X", "ground acceleration X"),
    "ground_y": Said("地面加速度 Y", "ground acceleration Y"),
    "ground_z": Said("地面加速度 Z", "ground acceleration Z"), "gully_rain": Said("沟道雨量", "rain in the gully"),
    "gully_stage": Said("沟道水位", "stage in the gully"),
    "gully_vibration": Said("沟道振动", "vibration in the gully"),
    "heat": Said("顶棚温度", "ceiling temperature"), "intensity": Said("仪器烈度", "instrumental intensity"),
    "inflow_departure": Said("30天来水量距平", "inflow of 30 d against a normal year"),
    "magnitude": Said("震级", "magnitude"), "noon_humidity": Said("正午湿度", "humidity at noon"),
    "noon_rain": Said("正午前 24 小时雨量", "rain of 24 h to noon"),
    "noon_temperature": Said("正午气温", "temperature at noon"),
    "noon_wind": Said("正午风速", "wind at noon"), "permanganate_index": Said("高锰酸盐指数", "permanganate index"),
    "ph": Said("pH", "pH"), "phreatic_depth": Said("浸润线埋深", "depth of the phreatic line"),
    "pond_displacement": Said("坝体位移", "displacement of the dam"),
    "pond_level": Said("库内水位", "level of the pond"),
    "pond_rain": Said("库区雨量", "rain at the pond"), "reservoir_level": Said("库水位", "reservoir level"),
    "sea_level": Said("潮位", "sea level"), "slope_rain": Said("边坡雨量", "rain at the slope"),
    "snowfall": Said("降雪量", "snowfall"), "stream_stage": Said("溪沟水位", "stage of the stream"),
    "total_phosphorus": Said("总磷", "total phosphorus"), "turbidity": Said("浊度", "turbidity"),
    "water_depth": Said("积水深度", "water depth"),
}  # fmt: skip
#: what parts find that have no span of their own, or more than one answer
MADE = {
    "iaqi": Said("空气质量分指数", "air quality sub-index"), "aqi": Said("空气质量指数", "air quality index"),
    "rain_threshold": Said("与雨强历时阈值之比", "ratio to the intensity-duration threshold"),
    "tangent_angle": Said("改进切线角", "improved tangent angle"), "fwi": Said("火险天气指数", "fire weather index"),
    "lead": Said("反速度法预计失稳时间", "time to failure by inverse velocity"),
    "r2": Said("反速度拟合度", "fit of the inverse velocity"),
    "robust_z": Said("偏离常态程度", "distance from what is usual"), "tsunami": Said("海啸识别评分", "tsunami score"),
    "intensity": Said("仪器烈度", "instrumental intensity"),
    "multivariate": Said("多项联合异常评分", "score of several together"),
    "days_over": Said("连续超限日数", "days in a row beyond the limit"),
}  # fmt: skip
ATTRIBUTES_ZH = {
    "warning_level": "警戒水位", "guarantee_level": "保证水位", "historic_maximum": "历史最高水位",
    "flood_limit_level": "汛限水位", "flood_control_level": "防洪高水位", "design_flood_level": "设计洪水位",
    "check_flood_level": "校核洪水位", "depth_blue": "蓝色积水深度", "depth_yellow": "黄色积水深度",
    "depth_orange": "橙色积水深度",
    "depth_red": "红色积水深度", "prepare_1h": "1 小时准备转移雨量", "prepare_3h": "3 小时准备转移雨量",
    "prepare_6h": "6 小时准备转移雨量",
    "leave_1h": "1 小时立即转移雨量", "leave_3h": "3 小时立即转移雨量", "leave_6h": "6 小时立即转移雨量",
    "prepare_stage": "准备转移水位",
    "leave_stage": "立即转移水位", "tsunami_orange": "橙色海啸波高", "tsunami_red": "红色海啸波高",
    "stage_orange": "橙色沟道水位",
    "stage_red": "红色沟道水位", "vibration_red": "红色沟道振动", "limit": "限值", "alert": "警戒值", "stop": "停止值",
    "alarm_blue": "蓝色预警值", "alarm_yellow": "黄色预警值", "alarm_orange": "橙色预警值", "alarm_red": "红色预警值",
    "displacement_warning": "位移预警值", "displacement_alarm": "位移报警值",
    "flow_5y": "5 年一遇流量", "flow_20y": "20 年一遇流量", "flow_50y": "50 年一遇流量",
    "drought_level": "旱警水位", "historic_minimum": "历史最低水位", "dry_minimum": "枯水期同期最低水位",
    "wet_minimum": "汛期同期最低水位",
}  # fmt: skip


def quantity(source: Input) -> Said:
    """What an input measures: `rain, total over 1 h`."""
    what = PROPERTIES.get(source.property) or Said(source.property, source.property.replace("_", " "))
    if not source.steps:
        return what
    last = source.steps[-1]
    made = MADE.get(source.output or last.part) or MADE.get(last.part)
    if made is not None:
        return made if source.sources else Said(f"{what.zh} {made.zh}", f"{what.en}, {made.en}")
    does = _does(last)
    if does is None:
        return Said(f"{what.zh}（{source.name}）", f"{what.en} ({source.name})")
    over = next((s.parameters["over"] for s in reversed(source.steps) if isinstance(s.parameters.get("over"), int)), 0)
    span = lasting(over) if over else NOTHING
    return Said(f"{what.zh} {span.zh}{does.zh}", f"{what.en}, {does.en}{f' over {span.en}' if over else ''}")


def _does(step: Step) -> Said | None:
    """What a step makes of its input, where it has one answer over a span."""
    if step.part == "drop":
        rises = step.parameters.get("side") == "rise"
        return Said("升幅", "rise") if rises else Said("降幅", "fall")
    return STEPS.get(str(step.parameters.get("how")) if step.part == "extreme" else step.part)
