"""Lines and parts of lines that change while the report does not: counters, ages, furniture.

Only in short lines: a body may well report that a clip had 1,234 shares. English, Spanish, German,
French and Arabic, since furniture is in the page's own language and most of it is in these.
"""

from __future__ import annotations

import re

from wirewatch.revisions.words import plain

LINE = 14  # words of a line that counters and ages are looked for in: more is a sentence
TEASER = 30  # words of a line that may be a reference to another story

LENGTH = 160  # characters of such a line, so that a hostile one costs no time
TEASED = 400  # characters of such a reference

_NUMBER = r"(?:[0-9٠-٩][0-9٠-٩.,' ]{0,12}(?:\s?(?:k|m|mil|tsd\.?|ألف)(?!\w))?)"
_UNIT = (
    r"(?:second|minute|hour|day|week|month|sec|min|hr|segundo|minuto|hora|día|dia|semana|mes|"
    r"sekunde|stunde|tag|woche|monat|seconde|heure|jour|semaine|mois)(?:e?s|e?n|\.)?|[smhd]|"
    r"ثواني|ثوان|ثانية|دقيقة|دقائق|دقيقتين|ساعة|ساعات|ساعتين|يوم|أيام|يومين"
)
_AGES = (
    rf"(?:{_NUMBER}|an?|one|un|una|une|einer?|einem)\s*(?:{_UNIT})(?!\w)\s*ago",
    r"just now|moments ago|gerade eben|à l'instant|ahora mismo|الآن",
    rf"hace\s+(?:{_NUMBER}|un|una)\s*(?:{_UNIT})(?!\w)",
    rf"vor\s+(?:{_NUMBER}|einer|einem)\s*(?:{_UNIT})(?!\w)",
    rf"il y a\s+(?:{_NUMBER}|un|une)\s*(?:{_UNIT})(?!\w)",
    rf"(?:منذ|قبل)\s+{_NUMBER}?\s*(?:{_UNIT})(?!\w)",
)
_COUNTED = (
    r"comments?|shares?|likes?|views?|reads?|reactions?|retweets?|reposts?|followers?|votes?|"
    r"comentarios?|compartidos?|me gusta|visitas|lecturas|"
    r"kommentare?|aufrufe|gefällt mir|mal geteilt|leser(?:kommentare)?|"
    r"commentaires?|partages?|vues|réactions?|lectures|"
    r"تعليقات|تعليقا|تعليق|مشاهدات|مشاهدة|مشاركات|مشاركة|إعجاب"
)
_COUNTERS = (
    rf"{_NUMBER}\s*(?:{_COUNTED})(?!\w)",
    rf"(?<!\w)(?:{_COUNTED})\s*[:(]\s*{_NUMBER}\)?",
    r"(?:min(?:ute)?s?|minutos?|minuten|دقائق) (?:read|de lectura|lesezeit|de lecture|قراءة)",
)
_VOLATILE = re.compile("|".join((*_AGES, *_COUNTERS)), re.IGNORECASE)

# A line of these alone, with figures, is when the page was made or changed.
_STAMP_WORDS = frozenset(
    """
    updated update published posted last modified on at by the first am pm gmt utc bst est edt cet
    cest pt et a.m p.m ist
    actualizado actualizada publicado publicada última actualización modificado el a las los de del
    h hora horas
    aktualisiert zuletzt veröffentlicht stand am um uhr geändert erstellt den
    mis mise à jour publié publiée modifié modifiée le dernière
    تحديث آخر نشر نُشر تم في الساعة بتاريخ بتوقيت غرينتش ص م
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunes martes miércoles jueves viernes sábado domingo
    januar februar märz mai juni juli oktober dezember
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
    الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت
    """.split()  # noqa: SIM905 - a list of words is read as words
)
_STAMP_PARTS = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*")
_TEASER = re.compile(
    r"\W*(?:read (?:more|also|next)|see also|also read|related(?: (?:news|stories|articles))?|"
    r"more on this|watch|listen|sign up|subscribe|share this|follow us|"
    r"lea también|lee también|leer más|te puede interesar|más información|vea también|suscríbete|"
    r"lesen sie auch|mehr zum thema|mehr dazu|weiterlesen|auch interessant|newsletter|"
    r"lire aussi|à lire aussi|lire la suite|en savoir plus|voir aussi|abonnez-vous|"
    r"اقرأ أيضا|اقرأ أيضًا|إقرأ أيضا|اقرأ المزيد|المزيد|شاهد أيضا|شاهد أيضًا|تابعونا)"
    r"(?:\s*[:>»|\-]|\s*$)",
    re.IGNORECASE,
)


def steady(text: str) -> str:
    """The text without what changes by itself; one line a line, empty lines left out."""
    return "\n".join(line for line in map(_steady, text.split("\n")) if line)


def _steady(line: str) -> str:
    line = plain(line).strip()
    size = len(line.split())
    if size <= TEASER and len(line) <= TEASED and _TEASER.match(line):
        return ""
    if size > LINE or len(line) > LENGTH:
        return line
    line, found = _VOLATILE.subn(" ", line)
    if _is_stamp(line, found > 0):
        return ""
    return line.strip()


def _is_stamp(line: str, aged: bool) -> bool:
    """Whether nothing is left but words of a date line, with a figure or an age beside them."""
    if not aged and not re.search(r"[0-9٠-٩]", line):
        return False
    names = [name.lower() for name in _STAMP_PARTS.findall(line)]
    # Figures alone are a score or a result, unless they are written as a time or a date.
    dated = bool(names) or aged or bool(re.search(r"[0-9]\s?[:/.][0-9]{2}|[0-9]{4}-[0-9]{2}", line))
    return dated and all(name in _STAMP_WORDS for name in names)
