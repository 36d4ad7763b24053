"""What a page's country tells of its dates: whether 3/4/2026 is in March, and by which clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from wirewatch.written_dates import order_of

# Where the month stands first (CLDR's short dates of "en" and "fil"), and in which languages.
_MONTH_FIRST = frozenset(["US", "PH", "PR", "GU", "AS", "VI", "MP", "UM", "MH", "FM", "PW"])
_OF_THESE = frozenset(["", "en", "fil", "tl", "ceb"])
# Domains of countries that are in use everywhere.
_GENERIC = frozenset(["co", "tv", "io", "me", "ai", "fm", "cc", "ws", "gg", "la", "ly", "to", "sh",
                      "so", "am", "is", "st", "vc", "ac", "tk", "ml", "ga", "cf", "gq", "pw", "nu",
                      "eu", "su"])  # fmt: skip

# The clock of countries that have one, or where nearly all live by one (time zone database).
_ZONES = {
    "AE": "Asia/Dubai", "AL": "Europe/Tirane", "AM": "Asia/Yerevan", "AT": "Europe/Vienna",
    "AZ": "Asia/Baku", "BA": "Europe/Sarajevo", "BD": "Asia/Dhaka", "BE": "Europe/Brussels",
    "BG": "Europe/Sofia", "BY": "Europe/Minsk", "CH": "Europe/Zurich", "CN": "Asia/Shanghai",
    "CO": "America/Bogota", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen", "DZ": "Africa/Algiers", "EE": "Europe/Tallinn",
    "EG": "Africa/Cairo", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "GB": "Europe/London", "GE": "Asia/Tbilisi", "GH": "Africa/Accra", "GR": "Europe/Athens",
    "HK": "Asia/Hong_Kong", "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
    "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata", "IQ": "Asia/Baghdad", "IR": "Asia/Tehran",
    "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "JO": "Asia/Amman", "JP": "Asia/Tokyo",
    "KE": "Africa/Nairobi", "KR": "Asia/Seoul", "KW": "Asia/Kuwait", "LB": "Asia/Beirut",
    "LK": "Asia/Colombo", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga",
    "MA": "Africa/Casablanca", "MK": "Europe/Skopje", "MT": "Europe/Malta",
    "MY": "Asia/Kuala_Lumpur", "NG": "Africa/Lagos", "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo", "NP": "Asia/Kathmandu", "NZ": "Pacific/Auckland", "PE": "America/Lima",
    "PH": "Asia/Manila", "PK": "Asia/Karachi", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon",
    "QA": "Asia/Qatar", "RO": "Europe/Bucharest", "RS": "Europe/Belgrade", "SA": "Asia/Riyadh",
    "SE": "Europe/Stockholm", "SG": "Asia/Singapore", "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava", "SY": "Asia/Damascus", "TH": "Asia/Bangkok", "TN": "Africa/Tunis",
    "TR": "Europe/Istanbul", "TW": "Asia/Taipei", "TZ": "Africa/Dar_es_Salaam",
    "UA": "Europe/Kiev", "UG": "Africa/Kampala", "UY": "America/Montevideo",
    "VE": "America/Caracas", "VN": "Asia/Ho_Chi_Minh", "ZA": "Africa/Johannesburg",
}  # fmt: skip
# The country of languages that are spoken by one clock.
_HOME = {
    "bg": "BG", "bs": "BA", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "et": "EE", "fa": "IR",
    "fi": "FI", "he": "IL", "hi": "IN", "hr": "HR", "hu": "HU", "is": "IS", "it": "IT", "ja": "JP",
    "ka": "GE", "ko": "KR", "lt": "LT", "lv": "LV", "mk": "MK", "nb": "NO", "nl": "NL", "no": "NO",
    "pl": "PL", "ro": "RO", "sk": "SK", "sl": "SI", "sq": "AL", "sr": "RS", "sv": "SE", "th": "TH",
    "tr": "TR", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip


def country(url: str, language: str, given: str = "") -> str:
    """The country of a page (ISO 3166-1 alpha-2): ``given``, by its domain, or by its language's
    tag; "" where nothing tells.

    The tag comes last, since much software says "en-US" of everything.
    """
    if given:
        return given.upper()
    domain = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    if len(domain) == 2 and domain.isalpha() and domain not in _GENERIC:
        return "GB" if domain == "uk" else domain.upper()
    region = language.replace("_", "-").rpartition("-")[2]
    return region.upper() if len(region) == 2 and "-" in language.replace("_", "-") else ""


def month_first(country: str, language: str, shown: Iterable[str] = ()) -> bool:
    """Does 3/4/2026 mean March on a page of that country and language (BCP 47)?

    ``shown`` are other dates of the page: where they show an order, it is that one.
    """
    orders = {found for text in shown if (found := order_of(text))}
    if len(orders) == 1:
        return orders == {"mdy"}
    spoken = language.replace("_", "-").split("-")[0].lower()
    return spoken in _OF_THESE and (country in _MONTH_FIRST or not country)


def offset(when: datetime, country: str, language: str) -> timezone | None:
    """The offset from UTC of the clocks of a page's country at an instant; None where it has
    several, or where nothing tells the country."""
    spoken = language.replace("_", "-").split("-")[0].lower()
    place = _ZONES.get(country) if country else _ZONES.get(_HOME.get(spoken, ""))
    if not place:
        return None
    return timezone(when.astimezone(ZoneInfo(place)).utcoffset() or timedelta(0))
