"""What people write in place of a UCUM code: names and habits, and the code that is meant."""

from streams.config.problems import Meant

NAMES = {
    "m": "metre meter metres meters mtr 米",
    "cm": "centimetre centimeter centimetres centimeters 厘米",
    "mm": "millimetre millimeter millimetres millimeters 毫米",
    "km": "kilometre kilometer kilometres kilometers 千米 公里",
    "m/s": "mps m/sec ms-1 米/秒",
    "km/h": "kmh kph km/hr",
    "mm/h": "mmh mm/hr mm/hour 毫米/小时",
    "mm/d": "mm/day 毫米/天",
    "m3/s": "m³/s cumec cumecs 立方米/秒",
    "m3/h": "m³/h",
    "m3": "m³ 立方米",
    "Cel": "°c ℃ c degc celsius deg_c 摄氏度",
    "[degF]": "°f ℉ degf fahrenheit",
    "K": "kelvin",
    "%": "percent pct ％",
    "1": "none dimensionless unitless -",
    "hPa": "hectopascal hectopascals 百帕",
    "kPa": "kilopascal kilopascals 千帕",
    "Pa": "pascal pascals 帕",
    "mbar": "millibar",
    "ug/m3": "µg/m3 μg/m3 µg/m³ μg/m³ ug/m³ mcg/m3 微克/立方米",
    "mg/m3": "mg/m³",
    "[ppm]": "ppm",
    "[ppb]": "ppb",
    "[ft_i]": "ft foot feet",
    "[in_i]": "in inch inches",
    "rad": "radian radians",
    "s": "sec secs second seconds 秒",
    "min": "minute minutes mins 分钟",
    "h": "hr hour hours hrs 小时",
    "d": "day days 天",
    "m/s2": "m/s² m/s^2",
    "mm/s2": "mm/s² mm/s^2",
    "V": "volt volts",
    "A": "amp ampere amperes",
    "W/m2": "w/m² w/m^2",
    "kg": "kilogram kilograms 千克",
    "g": "gram grams 克",
    "t": "tonne tonnes 吨",
    "Hz": "hertz",
    "dB": "decibel decibels db",
}
CODES = {name: code for code, names in NAMES.items() for name in names.split()}


def meant(unit: str) -> Meant | tuple[()]:
    """The code that is meant by a name, if it is known; as `near` of a problem."""
    code = CODES.get(unit.strip().lower())
    return Meant(code) if code else ()
