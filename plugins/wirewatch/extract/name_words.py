"""The words in and around the names of bylines, in many languages."""

from __future__ import annotations

import re

# Words that begin a byline, in the languages of the sources that were read.
BY = (
    r"(?:(?:written|reported|reporting|posted|published|story|text|words|compiled|contributed"
    r"|submitted)\s*(?:by|:)|(?:post |article |themen)?(?:authors?|starter|ersteller)\b|by\b"
    r"|(?:por|von|vom|par|di|da|door|av|af|przez|od)\b"
    r"|(?:guest |book )?(?:opinion|analysis|review|interview|commentary|column|essay"
    r"|perspective|post|article|report|recipe|blog)\s+by"
    r"|(?:fotos?|photos?|bilde?r?|pictures)\s*(?:&|\+|/|und|and|et|y|e|en|og|och)\s*te(?:xt|ks)\w{0,3}"
    r"\s*(?::|by\b|von\b)"
    r"|(?:ein(?:e)? |im )?(?:gast)?(?:artikel|beitrag|bericht|analyse|kommentar|kolumne|essay"
    r"|rezension|reportage|portr[äa]t"
    r"|text(?: und interview| und fotos?)?|interview|nachricht|meldung|wortlaut"
    r"|pressemitteilung|eingestellt|erstellt|veröffentlicht|publiziert|geschrieben|verfasst"
    r"|gepostet|protokoll)\s*(?:von|:)"
    r"|(?:text|texte|texto|testo|tekst|story|words|bericht)\s*(?:&|\+|/|,|und|and|et|y|e|en|og"
    r"|och)\s*"
    r"(?:fotos?|photos?|bilde?r?|pictures|video|interview|foto's|imágenes|images)\s*(?::|by\b"
    r"|von\b|par\b)"
    r"|about the author\s*[:–—-]|über (?:den|die) autor(?:in)?\s*[:–—-]"
    r"|autor(?:in|en|innen|es|as|a|e|zy|ka)?\b(?:\s*/\s*in)?|auteure?s?\s*:|redaktion\s*:"
    r"|redacci[oó]n\s*:|redakcja\s*:|textos?\s*:|testo\s*:|teksten?\s*:|teksti\s*:|texte\s*:"
    r"|(?:un texte|une chronique|une tribune|un entretien|une enquête) (?:de|par)|escribe[n]?\b"
    r"|(?:un texto|una columna|un artículo|una entrevista|un reportaje) (?:de|por)|redactado por"
    r"|escrito por|publicado por|texto de|una nota de|publié par|écrit par|rédigé par"
    r"|un article de|propos recueillis par|scritto da|pubblicato da|a cura di|articolo di"
    r"|(?:testo|intervista|recensione) di|verfasser(?:in)?\s*:"
    r"|geschreven door|geplaatst door|napisał\w?|opublikował\w?|skrevet af|skriven av|yazan\s*:"
    r"|(?:автор|авторы|текст)\s*:|(?:责任编辑|作者|記者|记者|撰文|文)\s*[:：]"
    r"|kirjoittanut|oleh\b|pewarta\s*:|penulis\s*:|tác giả\s*:|yazar\s*:|haber\s*:|muhabir\s*:"
    r"|szerző\s*:|írta\s*:|autor\s*:|napsal[ai]?\b|συντάκτης\s*:|γράφ(?:ει|ουν) (?:ο|η|οι)\b|του\b"
    r"|της\b"
    r"|(?:автори?|авторка|текст|написал[аи]?)\b|מאת|نویسنده|به قلم|लेखक|द्वारा|โดย"
    r"|بقلم|كتبت?|إعداد|تقرير|تحرير)"
)
BYLINE = re.compile(
    rf"^\W*{BY}\s*:?\s+|^\W*{BY}\s*:"
    r"|^\W*(?:责任编辑|責任編輯|作者|記者|记者|撰文|文|著者|筆者|執筆|取材・文|글|글쓴이|작성자)\s*[:：・/／|｜]\s*",
    re.I,
)
# The first two letters of all these, which most texts are refused by in a tenth of the time.
STARTS = frozenset(
    re.split(
        " ",
        "wr re po ab üb st te wo pu co su ar au th by vo pa di da do av af bl fo ph bi pi gu bo "
        "pr od ei im ga be an ko es in na me pe er ve ge un éc ré ra sc op "
        "sk ya ав те ki ol tá ha mu sz ír συ γρ 责任 責任 作者 記者 记者 撰文 文: 文： 文・ "
        "文/ 著者 筆者 執筆 取材 글쓴 작성 מא نو به ले द् โด بق كت إع "
        "تق تح",
    )
)
# Of these, those that nothing but an author follows: a single word behind them is a pen name.
SIGNED = re.compile(
    r"^\W*(?:(?:written|posted|published|submitted) by|(?:geschrieben|verfasst|gepostet|publiziert"
    r"|veröffentlicht|eingestellt|erstellt) von|(?:publié|écrit|posté) par"
    r"|(?:escrito|publicado) por"
    r"|(?:scritto|pubblicato) da|(?:geschreven|geplaatst) door|(?:skrevet|skriven) av|автор\s*:"
    r"|autor(?:in)?\s*:|author\s*:|auteur\s*:)\s+\S",
    re.I,
)
# "Posted on 3 May 2026 by", in the languages that put the day between: what stands before a name.
POSTED = re.compile(
    r"^\W*(?:written|posted|published|submitted|created|geschrieben|verfasst|gepostet|publiziert"
    r"|veröffentlicht|eingestellt|erstellt|publié|écrit|posté|escrito|publicado|scritto|pubblicato"
    r"|geschreven|geplaatst|gepubliceerd|skrevet|skriven|publicerad|publisert|udgivet|opublikowan[eoy]"
    r"|zveřejněno|опубликовано)\b[^\d]{0,30}\d.{0,60}?"
    r"\s(?:by|von|par|por|da|door|av|af|przez)\s+",
    re.I,
)
BY_ALONE = re.compile(rf"^\W*{BY}\W*$", re.I)
# A label that stands in an element of its own before the name.
LABEL_ALONE = re.compile(
    r"\W*(?:(?:written|text|words|story) by|by|authors?"
    r"|autor(?:in|en|innen|es|as|a|i|ka|zy)?(?:/in(?:nen)?)?|auteure?s?|auteur\(s\)|von|par|por"
    r"|texte?|textos?|texten?|testo(?: di)?|redakteur(?:in)?|journalist(?:in)?|scritto da"
    r"|escrito por|écrit par|geschrieben von|verfasst von|door|tekst|skrevet av|skriven av"
    r"|forfatter|författare|kirjoittaja|szerző|írta|yazar|автор(?:ы|и)?|текст|συντάκτης|penulis"
    r"|tác giả|作者|記者|记者|撰文|著者|筆者|執筆|글쓴이|작성자|기자"
    r"|الكاتب|بقلم|מאת|نویسنده|लेखक|ผู้เขียน)\W*",
    re.I,
)
# Jobs that stand before or behind a person's name.
ROLE = (
    r"(?:\w+-)*(?:\w*editor|\w*reporter(?:in)?|\w*correspondent|\w*journalist(?:in)?|\w*writer"
    r"|columnist|contributor|\w*redakteur(?:in)?|\w*korrespondent(?:in)?|\w*expert(?:e|in)"
    r"|\w*autor(?:in)?|\w*leiter(?:in)?|volont[aä]r(?:in)?|periodista|corresponsal|redactora?"
    r"|journaliste|rédact(?:eur|rice)|giornalista|redattrice|redattore|inviat[oa]|repórter"
    r"|jornalista"
    r"|colunista|verslag(?:gever|geefster)|redacteur|redaktör|journalist|dziennikar(?:z|ka)"
    r"|redaktorka?|reportér(?:ka)?|toimittaja|újságíró|szerkesztő|muhabiri?|editörü?|wartawan"
    r"|jurnalis"
    r"|phóng viên|корреспондент(?:ка)?|обозреватель|редактор(?:ка)?|журналист(?:ка)?"
    r"|кореспондент(?:ка)?"
    r"|оглядач(?:ка)?|δημοσιογράφος|الصحفية?|الكاتبة?|מערכת|כתבת?|संवाददाता)"
)
# What is in no person's name: desks, jobs, outlets, buttons, labels.
JOB = re.compile(
    r"\b(?:editor|reporter|correspondent|journalist|writer|staff|contributor|columnist|producer"
    r"|photographer|analyst|bureau|chief|director|manager|professor|lecturer|fellow|phd|m\.?d\.?"
    r"|intern|freelancer?|\w*desk|\w*team|\w*redaktion\w*|redakteur\w*|korrespondent\w*"
    r"|reporterin|volont[aä]r\w*|autor(?:in|en|innen|es|ka|zy)?|agentur\w*|chefredakt\w*"
    r"|\w+leiter(?:in)?"
    r"|redacci[oó]n|redakcja|redactora?|corresponsal|enviad[oa] especial|periodista|agencias?"
    r"|editora?|colaborador\w*|r[ée]daction|r[ée]dacteur|r[ée]dactrice|journaliste"
    r"|envoy[ée]e? sp[ée]ciale?|correspondante?|agences?|avec|redazione|redatie|toimitus"
    r"|\w*news|nachrichten|noticias|online|m[ée]dias?|press|presse|prensa|newspaper|magazine?|tv"
    r"|radio"
    r"|admin\w*|webmaster|user|unknown|anonymous|none|null|guest|contributors"
    r"|services?|wires?|agency|agencies|inc|ltd|llc|gmbh|groupe?|network|university|institute"
    r"|foundation|association|copyright|stand|datum|date|nachricht|artikel|beiträge|interview"
    r"|kg|ag|co|verein|stiftung|germany|deutschland|auteur|collectif|no author"
    r"|share|follow|facebook|twitter|instagram|comments?|read|minutes?|updated|today|zeitung"
    r"|verlag|portal|author|authors|view|profile|more|posts?|articles?|photos?|fotos?|pictures?"
    r"|www|kommentare?|lesezeit|uhr|startseite|home|kontakt|impressum|quelle|source|bild|fuente"
    r"|e\.\s?v|medien|editorial|society|council|ministry|committee|commission|government|department"
    r"|ministerium|verband|bundes\w+|universität|hochschule|institut|gesellschaft|polizei|stiftung"
    r"|minist[eè]r(?:e|io)|gouvernement|université|fondation|gobierno|ayuntamiento|universidad"
    r"|instituto"
    r"|fundación|asociación|governo|prefeitura|ministério|times|herald|tribune|gazette|chronicle"
    r"|journal"
    r"|courier|telegraph|weekly|broadcasting|corporation|corp|communications?|blog|website"
    r"|international"
    r"|sports?|podcast|community|support|subscribe|subscription|sign (?:in|up|out)|log ?(?:in|out)"
    r"|member|membership|list|donate|mitglied\w*|spenden|anmelden|abonnieren|all|privacy|policy"
    r"|terms|notícias|noticia|notizie|actualités?|iniciar|cadastr\w+|connexion|s'abonner|suscr\w+"
    r"|\w*anstalt|\w*zentrale|sponsor(?:ed|s)?|gesponserte?r?|sponsorisé|patrocinado|inhalte?|contents?"
    r"|contenus?|contenidos?|werbung|anzeigen?|advertis\w+|publicidad|publicité|contributed"
    r"|übersetz\w+|translat\w+|traduc\w+|fotograf\w*|photographe|illustrat\w+|edited|reviewed"
    r"|redaktör\w*|redaktion|toimituskunta|szerkesztőség|redacția|redakce|редакция|редакції?"
    r"|агентство"
    r"|новости|новини|пресс-служба|cookies?|login|abo|newsletter|suche|search|menu|menü"
    r"|navigation|download\w*|pdf)\b"
    r"|تحرير|مراسل|وكالات|وكالة|هيئة|محرر|الأخبار|أخبار|صحيفة|قناة|موقع|المحرر",
    re.I,
)
# What a desk is called.
DESK = re.compile(
    r"redaktion|redaksjon|r[eé]dacci[oó]n|redakc|r[eé]daction|redazione|redatie|redaç|redacția"
    r"|toimitus|szerkeszt|редакц|newsroom|\w*desk\b|\bstaff\b|\b(?:web)?team\b|\bbureau\b|\beditorial\b"
    r"|\bagen(?:cy|cies|ci|tur)|编辑部|編集部|편집부|هيئة التحرير",
    re.I,
)
# Words of the page's own furniture that are no pen name although they stand in a byline.
LABELS = frozenset(
    re.split(
        " ",
        "by von vom por par di door av af autor author auteur name posted published written text "
        "publiziert veröffentlicht gepostet erstellt eingestellt datum date am on in um at "
        "permalink link reply antworten category kategorie filed under tags alle all mehr about "
        "über zuletzt geändert beginndatum bei per via et and und y sign up log zur zum dem den "
        "publisher benutzername username nickname "
        "youtube tiktok mastodon diaspora linkedin pinterest whatsapp telegram xing",
    )
)
AGENCIES = frozenset(
    re.split(
        ", ",
        "reuters, ap, a.p., associated press, the associated press, afp, agence france-presse, "
        "agence france presse, dpa, deutsche presse-agentur, deutsche presse agentur, apa, sda, "
        "keystone-sda, ats, efe, agencia efe, europa press, ansa, upi, bloomberg, xinhua, tass, "
        "itar-tass, interfax, ria novosti, kyodo, kyodo news, yonhap, anadolu, anadolu agency, "
        "pa, pa media, press association, aap, cp, the canadian press, canadian press, belga, "
        "anp, ntb, tt, ritzau, lusa, pti, ians, ani, epd, kna, afxp, sid, dpa-afx, "
        "reuters staff, notimex, telam, télam, spa, wam, mena, kuna, petra, sana, irna, zuma, "
        "getty images, getty, رويترز, أ ف ب, فرانس برس, واس, وام, قنا, بترا, سانا",
    )
)

# Agencies that begin what is left of "AP National Political Writer"; none is a given name too.
AGENCY_STARTS = frozenset(re.split(" ", "ap afp dpa upi reuters efe pti apa sda aap cnn bbc"))
# Agencies and outlets that close a name without a comma: "Eric Tucker Associated Press".
CLOSING = re.compile(
    r"\s+(?:(?:the\s+)?associated press|canadian press|press association|agence france-presse"
    r"|reuters|afp|dpa|bloomberg(?: news)?|xinhua)$",
    re.I,
)
# Buttons and links behind a name; they and what follows go.
AFTER = re.compile(
    r"\s+(?:[+»›→✓]\s*)?(?:"
    r"(?:un)?follow(?:ing|ed|ers)?|(?:see|view|read|show|browse)\s+(?:all|more|bio|profile|posts"
    r"|full)"
    r"|(?:more|all|latest|other)\s+(?:by|from|about|articles|stories|posts|content)|subscribe"
    r"|contact(?:\s+(?:me|us|author|the author))?|(?:send\s+)?e-?mail|share(?:\s+this)?|bookmark"
    r"|print"
    r"|copy link|add (?:to|a|us)|get (?:email|alerts)|sign up|log in|website|bio(?:graphy)?|profile"
    r"|about the author|twitter|facebook|linkedin|instagram|youtube|whatsapp|comments?|is an? "
    r"|folgen|mehr (?:von|über|artikel|anzeigen|erfahren)|(?:alle|weitere) (?:artikel|beiträge"
    r"|texte)"
    r"|zum profil|zur (?:person|autor\w*)|profil|kontakt(?:ieren)?|teilen|merken|drucken"
    r"|kommentare?"
    r"|suivre|voir (?:tou[ts]|plus|ses|le|son)|tous (?:ses|les) articles|ses articles|plus d[e'’]"
    r"|lire (?:ses|plus|aussi|la suite)|s['’]abonner|partager|en savoir plus"
    r"|seguir|segu[ií]|ver (?:m[áa]i?s|todos?|todas?|perfil|bio\w*)|m[áa]i?s (?:de|art\w+|not\w+"
    r"|sobre|inf\w+)"
    r"|tod[oa]s (?:sus|los|as|os) |compart\w+|partilhar|leer m[áa]s|ler mais|perfil|biograf[íi]a"
    r"|vedi (?:tutti|altri)|tutti gli articoli|leggi|altri articoli|condividi|profilo"
    r"|volg(?:en)?|alle artikelen|meer (?:van|over|artikelen)|bekijk|lees meer|delen|profiel"
    r"|följ|følg|se (?:alla|alle|mer|mere|flere)|all[ae] arti[kc]\w+|fler(?:e)? arti\w+"
    r"|visa (?:mer|profil)"
    r"|obserwuj|zobacz|więcej|wszystkie (?:artyk\w+|teksty)|sledovat|všechny články|další články"
    r"|více od"
    r"|takip et|tüm (?:yazı|haber)\w+|diğer yazı\w+|seuraa|kaikki (?:jutut|artik\w+)|lue lisää"
    r"|követés|összes cikk\w*|urmărește|toate articolele|ikuti|lihat|baca|theo dõi|xem"
    r"|подпи\w+|все (?:статьи|публикации|материалы)|читать|смотреть|ещё|подробнее|підпи\w+"
    r"|всі статті"
    r"|ακολουθ\w+|όλα τα άρθρα|متابعة|تابع|جميع|المزيد|عقوب|עקוב|לכל הכתבות|دنبال|همه|फॉलो|सभी"
    r")(?!\w).*$",
    re.I | re.S,
)
# The same before a name: "See all posts by", "Alle Artikel von", "Photo of".
BEFORE = re.compile(
    r"^(?:(?:see|view|read|show|browse|zeige)\s+)?(?:(?:all|more|latest|other)\s+)?(?:(?:posts"
    r"|articles"
    r"|stories|content)\s+)?(?:by|from|about)\s+(?:the author\s*:?\s*)?|^(?:follow|meet)\s+"
    r"|^(?:profile |author )?(?:picture|photo|portrait|image|headshot|avatar|icon|profile)\s+(?:of"
    r"|for)\s+"
    r"|^(?:mehr|(?:zeige )?alle (?:artikel|beiträge|texte)|weitere artikel|bild|foto"
    r"|porträt) (?:von|über)\s+"
    r"|^(?:tous les articles|plus d['’]articles|photo|portrait|les articles) (?:de|par)\s+"
    r"|^(?:(?:ver )?(?:más|mais|todos (?:los|os) art[íi](?:culos|gos)|foto|artículos)) (?:de"
    r"|por)\s+"
    r"|^(?:(?:tutti gli |altri )?articoli|foto) di\s+|^(?:alle artikelen|meer|foto) van\s+"
    r"|^(?:все (?:статьи|публикации|материалы)(?: автора)?)\s+|^suivre\s+|^seguir a\s+",
    re.I,
)
