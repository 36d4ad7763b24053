"""What stands around an article on a page, in each language: menus, banners, comments, dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Phrases:
    """The furniture of pages in one language."""

    sections: tuple[str, ...]
    by: str  # put before a byline
    published: str
    related: str
    most_read: str
    comments: str
    comment_texts: tuple[tuple[str, str], ...]  # (name, text)
    advert: str
    advert_texts: tuple[str, ...]
    newsletter: str
    cookies: str
    accept: str
    settings: str
    share: str
    subscribe: str
    search: str
    rights: str
    photo: str
    next_page: str
    previous_page: str
    front: str
    missing: str
    missing_text: str
    sign_in: str
    sign_in_text: str
    user: str
    password: str
    consent: str
    consent_text: str
    months: tuple[str, ...]
    date_format: str  # {day} {month} {year} {hour} {minute}
    day_format: str


_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

ENGLISH = Phrases(
    sections=("Home", "News", "Politics", "Business", "Sport", "Culture", "Weather"),
    by="By",
    published="Published",
    related="More on this site",
    most_read="Most read",
    comments="Comments",
    comment_texts=(
        ("gullwatcher", "About time somebody wrote this down. I have said so for years."),
        ("Marge P.", "Does anyone know whether the bus still stops there on Sundays?"),
        ("old_tom_44", "Typical. They never asked the people who live here."),
        ("Nadia", "Thank you for a fair report, more of these please!"),
    ),
    advert="Advertisement",
    advert_texts=(
        "Winter tyres fitted while you wait: Bramble & Sons, Mill Lane",
        "Sofas at half price until Sunday. Delivery free within ten miles.",
        "Learn the accordion in twelve weeks or your money back",
    ),
    newsletter="Get our morning newsletter: the day's headlines in your inbox at seven.",
    cookies="We use cookies to keep this site running and to count our readers.",
    accept="Accept all",
    settings="Manage settings",
    share="Share this story",
    subscribe="Subscribe",
    search="Search",
    rights="All rights reserved. No part of this site may be copied without permission.",
    photo="Archive photo",
    next_page="Next page",
    previous_page="Previous page",
    front="Latest news",
    missing="Page not found",
    missing_text="Sorry, the page you are looking for does not exist or has been moved. "
    "Try the search box, or go back to our home page.",
    sign_in="Sign in to continue",
    sign_in_text="This page is for registered users. Please sign in with your account.",
    user="E-mail address",
    password="Password",  # noqa: S106 - the label of a form field
    consent="Before you continue",
    consent_text="We and our 214 partners store and access information on your device, such as "
    "cookies, to show personalised advertising and to measure it. You can accept or manage your "
    "choices. Your consent applies to this site only and can be withdrawn at any time.",
    months=_MONTHS_EN,
    date_format="{day} {month} {year}, {hour:02d}:{minute:02d}",
    day_format="{day} {month} {year}",
)

SPANISH = Phrases(
    sections=("Portada", "Actualidad", "Política", "Economía", "Deportes", "Cultura", "El tiempo"),
    by="Por",
    published="Publicado",
    related="Te puede interesar",
    most_read="Lo más leído",
    comments="Comentarios",
    comment_texts=(
        ("vecino_del_puente", "Ya era hora de que alguien lo contara."),
        ("Maribel", "¿Y esto quién lo paga? Siempre los mismos."),
        ("R. Quiroga", "Muy buena nota, gracias por explicarlo con calma."),
    ),
    advert="Publicidad",
    advert_texts=(
        "Colchones a mitad de precio, solo esta semana",
        "Aprende inglés en casa: primera clase gratis",
    ),
    newsletter="Recibe cada mañana nuestro boletín con los titulares del día.",
    cookies="Usamos cookies propias y de terceros para que el sitio funcione y contar visitas.",
    accept="Aceptar todo",
    settings="Configurar",
    share="Comparte esta noticia",
    subscribe="Suscríbete",
    search="Buscar",
    rights="Todos los derechos reservados. Prohibida la reproducción sin permiso.",
    photo="Foto de archivo",
    next_page="Página siguiente",
    previous_page="Página anterior",
    front="Últimas noticias",
    missing="Página no encontrada",
    missing_text="Lo sentimos, la página que buscas no existe o ha cambiado de dirección.",
    sign_in="Inicia sesión para continuar",
    sign_in_text="Esta página es solo para usuarios registrados.",
    user="Correo electrónico",
    password="Contraseña",  # noqa: S106 - the label of a form field
    consent="Antes de continuar",
    consent_text="Nosotros y nuestros 214 socios almacenamos y accedemos a información en tu "
    "dispositivo, como las cookies, para mostrarte publicidad personalizada. Puedes aceptar o "
    "configurar tus preferencias. Tu consentimiento se puede retirar en cualquier momento.",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    date_format="{day} de {month} de {year}, {hour:02d}:{minute:02d}",
    day_format="{day} de {month} de {year}",
)

GERMAN = Phrases(
    sections=("Start", "Nachrichten", "Politik", "Wirtschaft", "Sport", "Kultur", "Wetter"),
    by="Von",
    published="Veröffentlicht",
    related="Mehr aus dieser Zeitung",
    most_read="Meistgelesen",
    comments="Kommentare",
    comment_texts=(
        ("Brückenfuchs", "Endlich schreibt es mal jemand auf."),
        ("H. Lüdke", "Und wer soll das bezahlen? Wir natürlich."),
        ("Möwe7", "Danke für den sachlichen Bericht."),
    ),
    advert="Anzeige",
    advert_texts=(
        "Winterreifen sofort montiert: Reifen-Büttner am Güterbahnhof",
        "Küchen zum halben Preis, nur noch bis Samstag",
    ),
    newsletter="Unser Newsletter bringt Ihnen jeden Morgen die wichtigsten Meldungen.",
    cookies="Wir verwenden Cookies, damit diese Seite läuft und wir unsere Leser zählen können.",
    accept="Alle akzeptieren",
    settings="Einstellungen",
    share="Artikel teilen",
    subscribe="Abonnieren",
    search="Suche",
    rights="Alle Rechte vorbehalten. Nachdruck nur mit Genehmigung des Verlags.",
    photo="Archivfoto",
    next_page="Nächste Seite",
    previous_page="Vorige Seite",
    front="Aktuelle Meldungen",
    missing="Seite nicht gefunden",
    missing_text="Die gewünschte Seite gibt es nicht oder sie wurde verschoben.",
    sign_in="Bitte melden Sie sich an",
    sign_in_text="Diese Seite ist registrierten Nutzern vorbehalten.",
    user="E-Mail-Adresse",
    password="Passwort",  # noqa: S106 - the label of a form field
    consent="Bevor Sie weiterlesen",
    consent_text="Wir und unsere 214 Partner speichern Informationen auf Ihrem Gerät, etwa "
    "Cookies, um Ihnen persönliche Werbung zu zeigen. Sie können zustimmen oder Ihre "
    "Einstellungen verwalten. Ihre Einwilligung können Sie jederzeit widerrufen.",
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    date_format="{day}. {month} {year}, {hour:02d}:{minute:02d} Uhr",
    day_format="{day}. {month} {year}",
)

ARABIC = Phrases(
    sections=("الرئيسية", "أخبار", "سياسة", "اقتصاد", "رياضة", "ثقافة", "الطقس"),
    by="بقلم",
    published="نشر في",
    related="اقرأ أيضا",
    most_read="الأكثر قراءة",
    comments="التعليقات",
    comment_texts=(
        ("أبو سالم", "شكرا على هذا التقرير الواضح."),
        ("قارئة من الحي", "نتمنى أن نرى النتيجة قريبا."),
    ),
    advert="إعلان",
    advert_texts=("خصم كبير على الأثاث حتى نهاية الأسبوع", "تعلم السباحة في شهر واحد"),
    newsletter="اشترك في نشرتنا الصباحية لتصلك عناوين اليوم.",
    cookies="نستخدم ملفات تعريف الارتباط لتشغيل هذا الموقع وإحصاء الزوار.",
    accept="قبول الكل",
    settings="الإعدادات",
    share="شارك الخبر",
    subscribe="اشترك",
    search="بحث",
    rights="جميع الحقوق محفوظة. لا يجوز النسخ من دون إذن.",
    photo="صورة من الأرشيف",
    next_page="الصفحة التالية",
    previous_page="الصفحة السابقة",
    front="آخر الأخبار",
    missing="الصفحة غير موجودة",
    missing_text="عذرا، الصفحة التي تبحث عنها غير موجودة أو تم نقلها.",
    sign_in="سجل الدخول للمتابعة",
    sign_in_text="هذه الصفحة للمستخدمين المسجلين فقط.",
    user="البريد الإلكتروني",
    password="كلمة المرور",  # noqa: S106 - the label of a form field
    consent="قبل المتابعة",
    consent_text="نخزن نحن وشركاؤنا معلومات على جهازك مثل ملفات تعريف الارتباط لعرض إعلانات مخصصة.",
    months=(
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ),
    date_format="{day} {month} {year}، {hour:02d}:{minute:02d}",
    day_format="{day} {month} {year}",
)

PHRASES = {"en": ENGLISH, "es": SPANISH, "de": GERMAN, "ar": ARABIC}
_US_DATE = "{month} {day}, {year} {hour:02d}:{minute:02d}"  # month first, as the United States do


def written_date(moment: datetime, language: str, day_only: bool = False) -> str:
    """The moment as a page in that language prints it, in the moment's own time zone."""
    phrases = PHRASES[language.split("-")[0]]
    pattern = phrases.day_format if day_only else phrases.date_format
    if language == "en-US" and not day_only:
        pattern = _US_DATE
    return pattern.format(
        day=moment.day,
        month=phrases.months[moment.month - 1],
        year=moment.year,
        hour=moment.hour,
        minute=moment.minute,
    )
