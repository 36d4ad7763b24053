"""People's names in Chinese, Japanese and Korean bylines.

They stand without spaces between their parts, and beside the office of who wrote: "홍길동 기자",
"本报记者 王伟", "論説委員・山田太郎".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

MAX_HAN = 6  # characters of a name: "勅使河原明美"
MAX_HANGUL = 4  # syllables of a Korean name: "남궁민수"

_HAN = "\u3005\u3400-\u9fff\uf900-\ufaff"
_KANA = "\u3040-\u30ff"
_HANGUL = "\uac00-\ud7a3"
_ANY = re.compile(f"[{_HAN}{_KANA}{_HANGUL}]")
_HAS_HANGUL = re.compile(f"[{_HANGUL}]")
_NAME = re.compile(
    f"[{_HANGUL}]{{2,{MAX_HANGUL}}}|[{_HAN}]{{1,4}} ?[{_HAN}{_KANA}]{{1,5}}|[{_KANA}・= ]{{4,20}}"
    f"|[{_HANGUL}]{{1,6}} [{_HANGUL}]{{1,6}}"
)
# Offices; what stands before one (a desk, an outlet) or behind it is no name.
_OFFICES = (
    "(?:선임|전문|객원|인턴|수습|시민|사진|온라인|뉴스)?기자|특파원|논설위원|편집위원|통신원|리포터|에디터"
    "|앵커|칼럼니스트|편집국장|국장|부장|차장|팀장|작가|아나운서|평론가|교수|대표",
    "(?:特約|特约|首席|實習|实习|见习|資深|资深|主任|高级|专栏)?(?:记者|記者)|(?:编辑|編輯|編集)委員"
    "|論説(?:副)?(?:主幹|委員長|委員)|解説委員|(?:特派|通訊|通讯|評論|评论|撰稿|专栏作)(?:員|员|人|家)"
    "|(?:支|総|部|編集|编辑部)局?長|(?:责任|執行|执行|副|主)?(?:编辑|編輯|編集者)|ライター|リポーター"
    "|ジャーナリスト|アナウンサー|キャスター|カメラマン|主筆|主编|主編|教授|准教授|博士|弁護士|实习生",
)
_KOREAN_OFFICE = re.compile(rf"^(.*?)(?:{_OFFICES[0]})$")
_HAN_OFFICE = re.compile(rf"(?:{_OFFICES[1]})")
# Words before a name.
_LABEL = re.compile(
    r"^\W*(?:(?:取材|撮影|写真|企画|構成)?[・/／、と]?\s*(?:文|執筆|撰文|著者|作者|筆者|聞き手|取材|構成"
    r"|供稿|采写|採訪|采访|撰稿|글쓴이|작성자|작성|취재|글|정리|필자|저자)(?:\s*[・·/／,]?\s*(?:写真|사진|撮影))?)"
    r"\s*(?:[:：・/／|｜]|\s|by\s)\s*",
    re.I,
)
_ENDS = re.compile(  # what follows is a button, a photographer, a date or an address
    r"\s*(?:구독|팔로우|다른\s?기사|기사\s?더|더\s?보기|프로필|입력|수정|등록|승인|댓글|공유|사진\s*[=:|/]|\s사진\s"
    r"|フォロー|記事一覧|の記事|プロフィール|公開|更新|写真\s*[:：=/]|さんの|関注|关注|發表|发表|發佈|发布|來源|来源"
    r"|订阅|訂閱|更多|全部文章|查看|攝影|摄影|编辑\s*[:：]|責任編輯|责任编辑|校对|校對|留言|\d).*$"
)
_ORGANISATION = re.compile(
    r"(?:뉴스|신문|일보|방송|통신|닷컴|타임스|저널|미디어|편집국|편집부|뉴스룸|뉴스팀|취재팀|온라인팀|취재진|데스크"
    r"|경제|스포츠|위원회|연구소|협회|재단|공사|정부|부처|특별취재반"
    r"|网|網|社|报|報|新聞|新闻|通信|電視台?|电视台?|广播|廣播|编辑部|編輯部|編集部|編集局|局|取材班|チーム"
    r"|事務所|委員会|委员会|公司|中心|ニュース|オンライン|スポーツ|グループ|協会|协会|大学|大學|研究所|频道|頻道"
    r"|周刊|週刊|月刊|杂志|雑誌|雜誌|时报|時報|头条|頭條|资讯|資訊|客户端|平台|組|组|団|团队|團隊|スタッフ|工作室"
    r"|半月谈|政府|報導|报道|人気|人氣|ドットコム|マガジン|メディア|出版)$"
)
_NO_NAME = re.compile(
    r"^(?:기자|사진|입력|제공|관리자|운영자|편집자|익명|서울|부산|온라인|国际|国内|新华|社会|经济|时政|匿名|佚名"
    r"|管理[人员員]|編集|投稿|管理員|不明|未知|北京|上海|東京|東京都|大阪|香港|台北|首頁|首页|個人|个人|部落格)$"
)
_SURNAMES = frozenset(  # the hundred most common of China, in both forms
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖蕭田董"
    "袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范廖石金韦韋贾賈夏付方白邹鄒孟熊秦邱江尹薛"
    "闫閻段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯焦"
)
_KOREAN_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구나민진지엄채원천방공현함변염"
    "여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_SEPARATOR = re.compile(
    r"\s*[,，、;；/／|｜&＆+·∙•]\s*|\s*(?:以及|和|与|및|그리고)\s+|\s+(?:と|與|跟)\s+"
)


def is_east_asian(text: str) -> bool:
    """Does the text have Chinese, Japanese or Korean letters?"""
    return _ANY.search(text) is not None


def is_person(name: str) -> bool:
    """Could a single word or two of these scripts be a person's name, and no outlet or desk?"""
    letters = sum(1 for character in name if not character.isspace())
    if _HAS_HANGUL.search(name) is None and letters > MAX_HAN and not _is_kana(name):
        return False
    return (
        _NAME.fullmatch(name) is not None
        and not _ORGANISATION.search(name)
        and not _NO_NAME.search(name)
        and not _HAN_OFFICE.search(name)
    )


def names(text: str) -> Iterator[str]:
    """The names in a byline of these scripts, without offices, desks, labels and buttons; what is
    no name by its form comes whole, for the caller to judge."""
    for part in _SEPARATOR.split(_LABEL.sub("", text)):
        yield from _names(part.strip(" \u3000.:：・()[]【】「」〈〉《》-–—"))


def _names(part: str) -> Iterator[str]:
    part = _ENDS.sub("", _LABEL.sub("", part))
    pieces = [piece.strip() for piece in re.split(r"\s*[=＝]\s*", part) if piece.strip()]
    if len(pieces) > 1:  # "서울=홍길동", "ワシントン=山田太郎", "山田太郎=論説委員"
        named = [one for one in pieces if is_person(_without_office(one))]
        pieces = named[-1:]
    for piece in pieces:
        if _HAS_HANGUL.search(piece):
            yield from _korean(piece)
        else:
            yield from _han(piece)


def _korean(piece: str) -> Iterator[str]:
    tokens = []
    for token in piece.split():
        if found := _KOREAN_OFFICE.match(token):
            token = found[1] if is_person(found[1]) and found[1][0] in _KOREAN_SURNAMES else ""
        if token and not _ORGANISATION.search(token):
            tokens.append(token)
    if len(tokens) > 1:  # "정치부 홍길동": the desk stands first
        tokens = [token for token in tokens if token[-1] not in "부팀"]
    if len(tokens) == 2 and any(
        len(token) < 2 or token[0] not in _KOREAN_SURNAMES for token in tokens
    ):
        yield " ".join(tokens)  # a foreign name
    else:
        yield from tokens


def _han(piece: str) -> Iterator[str]:
    piece = _without_office(piece)
    if "・" in piece and not _is_kana(piece):
        for one in piece.split("・"):
            yield from _han(one)
        return
    tokens = [token for token in piece.split() if not _ORGANISATION.search(token)]
    apart = len(tokens) > 1 and all(
        2 <= len(token) <= 3 and token[0] in _SURNAMES for token in tokens
    )
    if apart or (len(tokens) > 2 and all(map(is_person, tokens))):
        yield from tokens
    elif tokens:
        yield " ".join(tokens)


def _without_office(piece: str) -> str:
    """The name beside the offices: of what stands around them, what can be a name."""
    found = [one.span() for one in _HAN_OFFICE.finditer(piece)]
    if not found:
        return piece
    bounds = [(0, 0), *found, (len(piece), len(piece))]
    around = [
        piece[end:start].strip(" \u3000・:：/／") for (_, end), (start, _) in pairwise(bounds)
    ]
    # "新华社记者王伟": before the office stands the outlet, after it the name.
    named = [one for one in around if one and is_person(one)]
    return " ".join(named[-2:] if len(found) > 1 else named[-1:])


def _is_kana(name: str) -> bool:
    return re.fullmatch(f"[{_KANA}・= ]+", name) is not None
