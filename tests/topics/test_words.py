"""The words of ``config/topics/``: headlines in twenty languages, and what no list may have."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from wirewatch.topics import rules, spelling
from wirewatch.topics.tagger import Tagger
from wirewatch.topics.taxonomy import TOP_LEVEL

CONFIG = Path(__file__).resolve().parents[2] / "config" / "topics"
LANGUAGES = spelling.LANGUAGES
EAST = ("zh", "ja", "ko")  # Latin letters stand between their signs: "5g", "k팝"

# By topic and language: a title and a first sentence, "|" between them.
HEADLINES: dict[str, dict[str, str]] = {
    "economy": {
        "en": "Central bank leaves interest rates alone|Inflation slowed for a third month.",
        "es": "El banco central mantiene los tipos de interés|La inflación bajó por tercer mes.",
        "de": "Notenbank lässt Leitzins unverändert|Die Inflation ging den dritten Monat zurück.",
        "fr": "La banque centrale laisse ses taux d'intérêt|L'inflation ralentit encore.",
        "ar": "البنك المركزي يثبت أسعار الفائدة|تراجع التضخم للشهر الثالث.",
        "pt": "Banco central mantém taxa de juros|A inflação recuou pelo terceiro mês.",
        "it": "La banca centrale lascia fermi i tassi|L'inflazione scende per il terzo mese.",
        "nl": "Centrale bank houdt rente gelijk|De inflatie daalde voor de derde maand.",
        "pl": "Bank centralny nie zmienia stóp procentowych|Inflacja spadła trzeci raz z rzędu.",
        "ru": "Центробанк сохранил ключевую ставку|Инфляция снижается третий месяц.",
        "uk": "Нацбанк залишив облікову ставку|Інфляція сповільнюється третій місяць.",
        "tr": "Merkez Bankası faizi sabit tuttu|Enflasyon üçüncü ayda da geriledi.",
        "zh": "央行维持利率不变|通胀连续第三个月回落。",
        "ja": "中央銀行、金利を据え置き|インフレは3カ月続けて鈍った。",
        "ko": "중앙은행, 기준금리 동결|물가 상승은 석 달째 둔화했다.",
        "hi": "रिजर्व बैंक ने ब्याज दरें नहीं बदलीं|महंगाई तीसरे महीने भी घटी।",
        "id": "Bank sentral menahan suku bunga|Inflasi melambat tiga bulan beruntun.",
        "sv": "Riksbanken låter räntan vara|Inflationen föll för tredje månaden.",
        "el": "Η κεντρική τράπεζα κρατά τα επιτόκια|Ο πληθωρισμός υποχώρησε ξανά.",
        "ro": "Banca centrală păstrează dobânda|Inflația a scăzut a treia lună.",
    },
    "sport": {
        "en": "Late goal takes hosts to the final|The goalkeeper saved two penalties.",
        "es": "Un gol tardío lleva a los locales a la final|El portero paró dos penaltis.",
        "de": "Spätes Tor bringt Gastgeber ins Finale|Der Torhüter hielt zwei Elfmeter.",
        "fr": "Un but tardif envoie les hôtes en finale|Le gardien a arrêté deux penalties.",
        "ar": "هدف متأخر يقود أصحاب الأرض إلى النهائي|تصدى حارس المرمى لركلتي جزاء.",
        "pt": "Gol no fim leva donos da casa à final|O goleiro defendeu dois pênaltis.",
        "it": "Gol nel finale, i padroni di casa in finale|Il portiere ha parato due rigori.",
        "nl": "Late treffer brengt gastheren in finale|De doelman stopte twee strafschoppen.",
        "pl": "Późny gol daje gospodarzom finał|Bramkarz obronił dwa rzuty karne.",
        "ru": "Поздний гол вывел хозяев в финал|Вратарь отбил два пенальти.",
        "uk": "Пізній гол вивів господарів у фінал|Воротар відбив два пенальті.",
        "tr": "Son dakika golü ev sahibini finale taşıdı|Kaleci iki penaltı kurtardı.",
        "zh": "补时进球送东道主进决赛|门将扑出两个点球。",
        "ja": "終了間際のゴールで決勝へ|ゴールキーパーがPKを2本止めた。",
        "ko": "종료 직전 결승골로 결승 진출|골키퍼가 페널티킥 두 개를 막았다.",
        "hi": "आखिरी गोल से मेजबान फाइनल में|गोलकीपर ने दो पेनल्टी रोकीं।",
        "id": "Gol telat bawa tuan rumah ke final|Kiper menepis dua penalti.",
        "sv": "Sent mål tog värdarna till final|Målvakten räddade två straffar.",
        "el": "Γκολ στο τέλος έστειλε τους γηπεδούχους στον τελικό|Απέκρουσε δύο πέναλτι.",
        "ro": "Gol târziu, gazdele sunt în finală|Portarul a apărat două penaltyuri.",
    },
    "health": {
        "en": "Measles cases fill children's ward|Doctors ask parents to have them vaccinated.",
        "es": "El sarampión llena la planta infantil|Los médicos piden vacunar a los niños.",
        "de": "Masern füllen die Kinderstation|Ärzte bitten Eltern, Kinder impfen zu lassen.",
        "fr": "La rougeole remplit le service des enfants|Les médecins appellent à vacciner.",
        "ar": "الحصبة تملأ جناح الأطفال|الأطباء يدعون إلى التطعيم.",
        "pt": "Sarampo lota ala infantil|Médicos pedem que as crianças sejam vacinadas.",
        "it": "Il morbillo riempie il reparto bambini|I medici chiedono di vaccinare i piccoli.",
        "nl": "Kinderafdeling vol door mazelen|Artsen vragen ouders hun kind te vaccineren.",
        "pl": "Odra zapełnia oddział dziecięcy|Lekarze proszą o szczepienie dzieci.",
        "ru": "Корь заполнила детское отделение|Врачи просят сделать прививки.",
        "uk": "Кір заповнив дитяче відділення|Лікарі просять зробити щеплення.",
        "tr": "Kızamık çocuk servisini doldurdu|Doktorlar aşı çağrısı yaptı.",
        "zh": "麻疹患者挤满儿科病房|医生呼吁家长带孩子接种疫苗。",
        "ja": "はしかで小児病棟が満床|医師らはワクチン接種を呼びかける。",
        "ko": "홍역으로 소아 병동 만원|의사들은 백신 접종을 당부했다.",
        "hi": "खसरे से बच्चों का वार्ड भरा|डॉक्टरों ने टीका लगवाने को कहा।",
        "id": "Campak penuhi bangsal anak|Dokter minta orang tua memvaksinasi anaknya.",
        "sv": "Mässling fyller barnavdelningen|Läkarna ber föräldrar att vaccinera.",
        "el": "Η ιλαρά γέμισε την παιδιατρική|Οι γιατροί ζητούν εμβολιασμό.",
        "ro": "Rujeola umple secția de copii|Medicii cer părinților să vaccineze.",
    },
    "disaster": {
        "en": "Earthquake shakes coastal towns|Rescuers search the rubble for survivors.",
        "es": "Un terremoto sacude la costa|Los bomberos buscan supervivientes entre escombros.",
        "de": "Erdbeben erschüttert Küstenorte|Retter suchen in Trümmern nach Überlebenden.",
        "fr": "Un séisme secoue la côte|Les secouristes cherchent des survivants.",
        "ar": "زلزال يهز مدن الساحل|فرق الإنقاذ تبحث عن ناجين تحت الأنقاض.",
        "pt": "Terremoto sacode cidades do litoral|Bombeiros buscam sobreviventes.",
        "it": "Terremoto scuote la costa|I soccorritori cercano superstiti tra le macerie.",
        "nl": "Aardbeving treft kuststeden|Redders zoeken in het puin naar overlevenden.",
        "pl": "Trzęsienie ziemi na wybrzeżu|Ratownicy szukają ocalałych w gruzach.",
        "ru": "Землетрясение встряхнуло побережье|Спасатели ищут выживших под завалами.",
        "uk": "Землетрус струснув узбережжя|Рятувальники шукають уцілілих під завалами.",
        "tr": "Deprem kıyı kentlerini sarstı|Kurtarma ekipleri enkazda arama yapıyor.",
        "zh": "沿海城镇发生地震|救援人员在废墟中搜寻幸存者。",
        "ja": "沿岸の町で地震|救助隊ががれきの中で生存者を捜す。",
        "ko": "해안 도시에 지진|구조대가 잔해 속에서 생존자를 찾고 있다.",
        "hi": "तटीय शहरों में भूकंप|बचाव दल मलबे में लोगों को खोज रहे हैं।",
        "id": "Gempa guncang kota pesisir|Tim SAR mencari korban selamat di reruntuhan.",
        "sv": "Jordbävning skakar kuststäder|Räddningsarbetare letar efter överlevande.",
        "el": "Σεισμός ταρακούνησε παράκτιες πόλεις|Διασώστες ψάχνουν στα ερείπια.",
        "ro": "Cutremur pe litoral|Salvatorii caută supraviețuitori sub dărâmături.",
    },
    "crime": {
        "en": "Jury finds accountant guilty of murder|The judge will sentence him in May.",
        "es": "Declaran culpable de asesinato a un contable|El juez dictará sentencia en mayo.",
        "de": "Buchhalter wegen Mordes verurteilt|Das Landgericht verhängte lebenslange Haft.",
        "fr": "Un comptable reconnu coupable de meurtre|La cour d'assises l'a condamné.",
        "ar": "إدانة محاسب بجريمة قتل|القاضي سيحدد حكم السجن في مايو.",
        "pt": "Contador é condenado por homicídio|O juiz fixará a pena em maio.",
        "it": "Ragioniere condannato per omicidio|Il giudice ha letto la sentenza.",
        "nl": "Boekhouder veroordeeld voor moord|De rechtbank legde een celstraf op.",
        "pl": "Księgowy skazany za morderstwo|Sąd ogłosił wyrok.",
        "ru": "Бухгалтера осудили за убийство|Судья огласил приговор.",
        "uk": "Бухгалтера засудили за вбивство|Суддя оголосив вирок.",
        "tr": "Muhasebeciye cinayetten hapis|Mahkeme sanığı tutukladı.",
        "zh": "会计因谋杀罪被判刑|法官当庭宣读判决。",
        "ja": "経理担当者に殺人罪で有罪|裁判官が判決を言い渡した。",
        "ko": "회계사, 살인 혐의 유죄|판사가 징역형을 선고했다.",
        "hi": "हत्या में मुनीम दोषी करार|न्यायाधीश मई में सजा सुनाएंगे।",
        "id": "Akuntan divonis bersalah atas pembunuhan|Hakim membacakan putusan.",
        "sv": "Revisor döms för mord|Tingsrätten ger honom fängelsestraff.",
        "el": "Λογιστής καταδικάστηκε για δολοφονία|Ο δικαστής ανακοίνωσε την ποινή.",
        "ro": "Contabil condamnat pentru omor|Judecătorul a citit sentința.",
    },
    "science": {
        "en": "Astronomers spot a planet of lava|Their telescope saw it pass its star.",
        "es": "Astrónomos hallan un planeta de lava|El telescopio lo vio ante su estrella.",
        "de": "Astronomen finden einen Planeten aus Lava|Das Teleskop sah ihn vor dem Stern.",
        "fr": "Des astronomes repèrent une planète|Le télescope l'a vue passer.",
        "ar": "علماء فلك يكتشفون كوكبا|رصده التلسكوب أمام نجمه.",
        "pt": "Astrônomos acham planeta de lava|O telescópio o viu diante da estrela.",
        "it": "Gli astronomi trovano un pianeta|Il telescopio lo ha visto passare.",
        "nl": "Astronomen vinden een planeet|De telescoop zag hem voor zijn ster.",
        "pl": "Astronomowie znaleźli planetę|Teleskop dostrzegł ją na tle gwiazdy.",
        "ru": "Астрономы нашли планету из лавы|Телескоп увидел её у звезды.",
        "uk": "Астрономи знайшли планету з лави|Телескоп побачив її біля зорі.",
        "tr": "Gökbilimciler yeni bir gezegen buldu|Teleskop onu yıldızının önünde gördü.",
        "zh": "天文学家发现岩浆行星|望远镜看到它从恒星前经过。",
        "ja": "天文学者が新たな惑星を見つける|望遠鏡が恒星の前を横切る姿を捉えた。",
        "ko": "천문학자들, 새 행성 찾아|망원경이 별 앞을 지나는 모습을 잡았다.",
        "hi": "खगोलविदों ने नया ग्रह खोजा|दूरबीन ने उसे देखा।",
        "id": "Astronom temukan planet lava|Teleskop melihatnya melintas di depan bintang.",
        "sv": "Astronomer hittar en ny planet|Teleskopet såg den passera sin stjärna.",
        "el": "Αστρονόμοι βρήκαν πλανήτη|Το τηλεσκόπιο τον είδε να περνά.",
        "ro": "Astronomii găsesc o planetă|Telescopul a văzut-o trecând.",
    },
}  # fmt: skip


def lists() -> Iterator[tuple[str, str, str, list[str]]]:
    """Every list of the top-level topics: topic, language, strength, patterns."""
    for path in sorted(CONFIG.glob("*.toml")):
        if path.name == rules.SECTIONS:
            continue
        for language, table in tomllib.loads(path.read_text("utf-8")).items():
            if isinstance(table, dict):
                for strength, written in table.items():
                    patterns = [" ".join(one.split()) for one in written.split(",")]
                    yield path.stem, language, strength, [one for one in patterns if one]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(CONFIG)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_headline_with_its_first_sentence_has_its_topic_first(
    tagger: Tagger, language: str
) -> None:
    wrong = []
    for topic, headlines in HEADLINES.items():
        title, text = headlines[language].split("|")
        code = tomllib.loads((CONFIG / f"{topic}.toml").read_text("utf-8"))["code"]
        given = [tag.code for tag in tagger.tag(title, text, language)]
        if given[:1] != [code]:
            wrong.append((topic, title, given))
    assert wrong == []


def test_every_topic_has_enough_words_in_every_language() -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for topic, language, strength, patterns in lists():
        counts[topic, language] += len(patterns) if strength in ("strong", "medium") else 0
    few = {place: count for place, count in counts.items() if count < 25}
    assert len(counts) == len(TOP_LEVEL) * len(LANGUAGES)
    assert few == {}


def test_no_word_is_written_with_letters_of_two_scripts() -> None:
    mixed = [
        (topic, language, pattern)
        for topic, language, _, patterns in lists()
        if language not in EAST
        for pattern in patterns
        for word in pattern.split()
        if len({unicodedata.name(sign).split()[0] for sign in word if sign.isalpha()}) > 1
    ]
    assert mixed == []


def test_no_word_is_strong_for_three_topics() -> None:
    topics: dict[tuple[str, str], set[str]] = defaultdict(set)
    for topic, language, strength, patterns in lists():
        for pattern in patterns if strength == "strong" else ():
            topics[language, spelling.fold(pattern, language)].add(topic)
    assert [place for place, found in topics.items() if len(found) > 2] == []
