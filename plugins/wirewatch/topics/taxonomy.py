"""The 17 top-level IPTC Media Topics with their names in the languages that are tagged.

Source: IPTC NewsCodes, scheme "mediatopic", https://cv.iptc.org/newscodes/mediatopic/ (CC BY 4.0).
"""

from __future__ import annotations

LANGUAGES = ("en", "es", "de", "fr", "ar")

NAMES: dict[str, tuple[str, str, str, str, str]] = {  # in the order of LANGUAGES
    "medtop:01000000": (
        "arts, culture, entertainment and media",
        "artes, cultura, entretenimiento y medios",
        "Kunst, Kultur, Unterhaltung und Medien",
        "arts, culture, divertissement et médias",
        "فنون وثقافة وترفيه وإعلام",
    ),
    "medtop:16000000": (
        "conflict, war and peace",
        "conflictos, guerra y paz",
        "Konflikte, Krieg und Frieden",
        "conflits, guerre et paix",
        "صراع وحرب وسلام",
    ),
    "medtop:02000000": (
        "crime, law and justice",
        "crimen, derecho y justicia",
        "Kriminalität, Recht und Justiz",
        "criminalité, droit et justice",
        "جريمة وقانون وعدالة",
    ),
    "medtop:03000000": (
        "disaster, accident and emergency incident",
        "desastres, accidentes y emergencias",
        "Katastrophe, Unglück und Notfall",
        "désastre, accident et urgence",
        "كوارث وحوادث وطوارئ",
    ),
    "medtop:04000000": (
        "economy, business and finance",
        "economía, negocios y finanzas",
        "Wirtschaft, Geschäft und Finanzen",
        "économie, affaires et finances",
        "اقتصاد وأعمال ومال",
    ),
    "medtop:05000000": ("education", "educación", "Bildung", "éducation", "تعليم"),
    "medtop:06000000": ("environment", "medio ambiente", "Umwelt", "environnement", "بيئة"),
    "medtop:07000000": ("health", "salud", "Gesundheit", "santé", "صحة"),
    "medtop:08000000": (
        "human interest",
        "interés humano",
        "Menschliches",
        "société et personnalités",
        "اهتمامات إنسانية",
    ),
    "medtop:09000000": ("labour", "trabajo", "Arbeit", "travail", "عمل"),
    "medtop:10000000": (
        "lifestyle and leisure",
        "estilo de vida y tiempo libre",
        "Lebensart und Freizeit",
        "style de vie et loisirs",
        "أسلوب حياة وترفيه",
    ),
    "medtop:11000000": ("politics", "política", "Politik", "politique", "سياسة"),
    "medtop:12000000": ("religion", "religión", "Religion", "religion", "دين"),
    "medtop:13000000": (
        "science and technology",
        "ciencia y tecnología",
        "Wissenschaft und Technik",
        "science et technologie",
        "علوم وتكنولوجيا",
    ),
    "medtop:14000000": ("society", "sociedad", "Gesellschaft", "société", "مجتمع"),
    "medtop:15000000": ("sport", "deporte", "Sport", "sport", "رياضة"),
    "medtop:17000000": ("weather", "tiempo meteorológico", "Wetter", "météo", "طقس"),
}


def name(code: str, language: str = "en") -> str:
    """The topic's name; in English where the language has none. Raises KeyError for no topic."""
    names = NAMES[code]
    return names[LANGUAGES.index(language)] if language in LANGUAGES else names[0]
