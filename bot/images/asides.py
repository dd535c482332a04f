"""Whole texts that are meant for people or for the bot, and say nothing of what a picture shows:
that it is enough, praise, a choice between pictures, a deed. Pure.

Tables hold the set phrases of several languages. What no table can hold is told by its form: a verb
that draws nothing, and no other object than the picture itself ("pin this", "schedule it").
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import Final

from bot.images.meaning import Problem
from bot.images.sayings import CHOICES, COUNTS, COURTESY, DRAWING, ENOUGH, PEOPLE_TALK, PRAISE
from bot.images.typed import fold


class Aside(StrEnum):
    """What a text is about, besides a picture."""

    ENOUGH = "enough"  # nothing (more) is to be made
    TALK = "talk"  # it reacts, or speaks to people
    DEED = "deed"  # something is to be done with a picture
    VERSION = "version"  # one of several is chosen
    NUMBER = "number"
    MODEL = "model"
    SIZE = "size"


ASIDES: Final = {
    Aside.ENOUGH: Problem.COMMAND_WORD,
    Aside.TALK: Problem.COMMAND_WORD,
    Aside.DEED: Problem.COMMAND_WORD,
    Aside.VERSION: Problem.NAMES_VERSION,
    Aside.NUMBER: Problem.NAMES_NUMBER,
    Aside.MODEL: Problem.OTHER_MODEL,
    Aside.SIZE: Problem.UNKNOWN_SIZE,
}
_WORDS_MAX: Final = 12
_LENGTH_MAX: Final = 120
# With the colours of skin that an emoji has.
_PUNCTUATION: Final = re.compile('[.,;:!?…。、！？，¡¿()"“”\U0001f3fb-\U0001f3ff]+')
_THING: Final = (
    r"(?:it|this|that|them|these|those|both|everything"
    r"|(?:this|that|the|my|last|all|both)(?: of)?(?: (?:the|my|first|second|third|last|latest"
    r"|old))*"
    r"(?: (?:one|ones|picture|image|photo|pic|pictures|images|request|job|result|prompt|link|file"
    r"|preset|settings|default|editor|form|draft|them|these|it))+)"
)
_ASKING: Final = r"(?:(?:can|could|would|will) (?:you|i|we) |i want to |i'd like to |let's |just )?"
_VERB_ALONE: Final = re.compile(
    rf"{_ASKING}(?P<verb>[a-z]+) {_THING}(?: (?:now|again|here|first))?"
)
_DEED: Final = re.compile(
    rf"{_ASKING}(?:approve|reject|decline|deny|schedule|pin|unpin|print|copy|rename|save|export"
    rf"|upscale"
    r"|download|archive|bookmark|favou?rite|star|report|assign|tag|set|publish|post|share|forward"
    r"|undelete|rate|vote|enhance|reset|resize)"
    rf"(?: (?:{_THING}|me|us|as|to|prompt|default|preset))*"
    r"(?: (?:as|to|for|with|by|at|on|in|tomorrow|today|tonight|later|next|a|an|my|our|default"
    r"|preset|png|jpg|jpeg|pdf|svg|hd|4k|2k|x2|x4|2x|4x|week|monday|friday|[0-9]+|am|pm|the|team"
    r"|marketing|everyone|channel|#\S+|@\S+|budget|size|model))*"
)
_MADE_OF_IT: Final = re.compile(
    r"(?:make|set|use|mark) (?:it|this|that) (?:as )?(?:a|the|my|our) (?:preset|default|template)"
    r"|(?:show|list|open|get|see|check)(?: (?:me|us|my|the|our|all|previous|old|last))*"
    r" (?:history|presets|pictures|images|usage|credits|balance|prompt|form|editor|settings|budget)"
    r"|(?:edit|form|editor|settings|budget|usage|presets|prompt)(?: (?:prompt|form))?"
    r"|(?:download|share|permanent)? ?link|(?:give|send|get) (?:me|us) (?:the|a) (?:file|link|png)"
    r"|can i get .{0,20}(?:png|jpe?g|pdf|svg|file|link)|ask for approval"
    r"|(?:show|give|make)? ?(?:me |us )?(?:some |a few |more |similar )*"
    r"(?:variations?|variants?|similar ones)(?: (?:of|on) (?:this|it|that))?"
    r"|(?:turn|switch) (?:(?:off|on) enhance\w*|enhance\w* (?:off|on))|enhance\w* on"
    r"|(?:disable|enable|stop) enhanc\w+|set .{0,20}default.{0,30}"
    r"|(?:schedule|approve|share|delete|post) an? (?:picture|image|post|photo)(?: .{1,40})?"
    r"|(?:set |raise |change |increase )(?:the |my |our )?budget(?: .{1,30})?|budget [0-9].{0,20}"
    r"|(?:add|create|new|delete|remove|save|edit) (?:a )?presets?(?: .{1,40})?"
)
_DEEDS_ELSEWHERE: Final = re.compile(
    r"(?:bitte )?(?:(?:teile?|schicke?|losche?|speichere?|storniere|entferne|poste) "
    r"(?:es|das|dies|dieses|das bild|dieses bild|alle|bitte)(?: .{1,40})?|brich(?: es)? ab|loschen"
    r"|teilen|speichern|herunterladen)"
    r"|(?:partage|supprime|efface|annule|telecharge|envoie|enregistre|publie)r?"
    r"(?:-(?:le|la|les)| (?:ca|cela|cette image|l'image|la photo|tout))(?: .{1,40})?"
    r"|(?:compart|borr|elimin|cancel|descarg|guard|envi|public)(?:[aeo]|ie|irl)?"
    r"(?:lo|la|los|las)(?: .{1,40})?"
    r"|(?:comparte|borra|elimina|cancela|descarga|guarda|envia|apaga|apague|exclua|compartilh[ae]"
    r"|baixe?|salve|envie|cancella|scarica|salva|invia|condividi)"
    r" (?:esto|eso|esta imagen|la imagen|isso|isto|essa imagem|a imagem|questo|questa immagine"
    r"|l'immagine)(?: .{1,40})?|condividil[oa](?: .{1,40})?|cancelar|compartilhar|baixar"
    r"|(?:deel|verwijder|annuleer|bewaar|stuur) (?:dit|het|deze)(?: .{1,40})?"
    r"|(?:udostepnij|usun|anuluj|pobierz|zapisz|wyslij)(?: (?:to|obraz))?"
    r"|(?:シェア|共有|削除|保存|ダウンロード|キャンセル|取り消し)(?:して)?(?:ください)?|消して"
    r"|(?:删除|分享|下载|保存|取消)(?:它|这个|一下)?|(?:удали|поделись|скачай|отмени)(?:ть"
    r"|те)?(?: это)?"
)
_NTH: Final = (
    r"(?:[0-9]{1,2}(?:st|nd|rd|th)|first|second|third|fourth|last|previous|prior|old|older|original"
    r"|left|right|top|bottom|middle|other|erste[ns]?|zweite[ns]?|dritte[ns]?|vorherige[ns]?"
    r"|premiere?"
    r"|deuxieme|troisieme|precedente?|primer[ao]?|segund[ao]|tercer[ao]?|anterior|prim[ao]"
    r"|second[ao]|terz[ao]|primeir[ao]|terceir[ao]|eerste|tweede|derde|vorige|pierwsz[aey]"
    r"|drug[aie]|poprzedni[a]?)"
)
_OF_SEVERAL: Final = (
    r"(?:one|version|versione?|versie|wersja|versao|picture|image|bild|immagine|imagem|imagen)"
)
_VERSION: Final = re.compile(
    r"(?:(?:i )?(?:use|take|pick|keep|choose|prefer|want|like|liked|restore|go with|show me"
    r"|let's (?:go with|use|take)|nimm|nehmen wir|behalte|prends|je prends|garde|usa|usar|toma"
    r"|prendi|pega|neem|gebruik|wez) )?"
    r"(?:the|a|la|le|el|il|o|die|der|das|de) ?"
    rf"{_NTH}(?: {_OF_SEVERAL})?(?: (?:better|more|back|again|instead))*"
    rf"|(?:use |take |pick )?(?:{_NTH}(?: {_OF_SEVERAL})?|(?:nr|no|number|option|variant|pick|#)"
    r" ?[0-9a-d]|version (?:one|two|three|four)|v ?[0-9]{1,2})"
    r"|the one (?:on|to) the (?:left|right|top|bottom)"
    r"|(?:i want |give me )?(?:the )?old (?:one|version)(?: back)?"
    r"|(?:start|begin) (?:over|again|from (?:scratch|the (?:start|beginning)))|reset(?: (?:it"
    r"|this|that|all|everything))?"
    r"|back to (?:the )?(?:start|beginning)|(?:same |like |as |as it was "
    r"|how it was )+(?:as )?before"
    r"|(?:geh zuruck|reviens|revenir|retour|torna (?:alla?|a|indietro)|vuelve al?"
    r"|volt(?:a|e|ar) (?:para|a)|(?:ga )?terug|wroc|cofnij|deshazlo)(?: .{1,40})?"
    r"|(?:最初|前|元|[0-9一二三四]番目)の?(?:バージョン|もの|画像|やつ)?(?:に戻して|にして"
    r"|で)?(?:ください)?"
    r"|上一(?:个|版|张)|第[0-9一二三四](?:版|张|个)|回到.{1,10}"
)
_MANY: Final = (
    r"(?:[0-9]{1,3}|one|two|three|four|five|six|ten|zero|a dozen|dozen|a couple|couple|several"
    r"|a hundred|hundred|single|zwei|drei|vier|deux|trois|quatre|dos|tres|cuatro|due|tre|quattro"
    r"|dois|duas|tres|twee|drie|vier|dwa|trzy|cztery|два|две|три|четыре)"
)
_NUMBER: Final = re.compile(
    r"(?:(?:just|only|make|do|give me|i want|noch|encore|altr[ei]|otr[oa]s|outr[oa]s|mais|nog"
    r"|jeszcze"
    r"|еще) )*"
    rf"{_MANY}(?: (?:of|more|mehr|mas|de plus|mais|meer|wiecej|stuck|weitere|versions?|pictures?"
    r"|images?|options?|variations?|portraits|landscapes|squares|obrazki|obrazy))*"
    r"|x ?-[0-9]+|double|triple|half|twice as many"
    r"|(?:もう|再来)?(?:あと)? ?[0-9一二三四两]{1,2} ?(?:枚|つ|张|個|个)(?:ください|お願いします)?"
    r"|(?:두|세|네|[0-9]) ?(?:장|개)"
)


# Others than can be chosen, or none that is named.
_OTHER: Final = (
    r"(?:other|another|different|best|better|cheapest|cheaper|fastest|default|next|new|bigger"
    r"|smaller"
    r"|ander(?:e[mnrs]?)?|inny|innym|autre|meilleure?|otr[oa]|altr[oa]|outr[oa])"
)
_LEAD: Final = (
    r"(?:(?:use|using|try|with|via|in|on|for|as|switch to|fur|pour|para|per|voor|dla|mit|nimm"
    r"|nutze|verwende|benutze|avec|en"
    r"|utilise|con|usa|com|met|gebruik|z|uzyj)(?: (?:an?|the|my|our|einem?|une?|un|una|um))? )?"
)
_MODEL: Final = re.compile(
    rf"{_LEAD}(?:chatgpt|gpt-?[0-9]\w?|openai|google|dall ?-?e(?: ?-?[0-9])?|midjourney|sora|sdxl"
    rf"|flx"
    r"|stable diffusion|firefly|seedream|flux (?:pro|dev|max|ultra|schnell|kontext)"
    r"|banana)(?: model)?"
    r"|(?:nutze|nimm|verwende|benutze|utilise|usa|gebruik|uzyj) (?:flux|gpt|nano)"
    rf"|(?:an?|the|un|une)? ?{_LEAD}{_OTHER} (?:ai )?(?:models?|modell|modele|modello|modelo)"
    r"|(?:別の|他の)モデル.{0,4}|(?:换|換)一?(?:个|個)?模型|用[a-z0-9 .-]{2,20}"
)
_PLACE: Final = (
    r"(?:linkedin|pinterest|facebook|instagram|phone|desktop|website|blog|email|youtube|x)"
)
_SIZE: Final = re.compile(
    rf"{_LEAD}{_OTHER} (?:size|format|aspect ratio|ratio|orientation|dimensions|shape|formato"
    rf"|formaat"
    r"|grosse|taille|tamano|tamanho|rozmiar)|(?:in )?(?:quer|hoch)"
    r"|[0-9]{1,4}(?:[x/]| x | by )[0-9]{1,4}(?: ?px)?|[0-9]{3,4}p"
    rf"|{_LEAD}(?:{_PLACE}(?: (?:post|story|reel|cover|banner|header|wallpaper|ad|thumbnail"
    rf"|background))?"
    r"|wallpaper|banner|header|thumbnail|a[345]|letter|для сторис)"
)


def find_aside(text: str) -> Aside | None:
    """What `text`, all of it, is, if it is nothing that could be drawn."""
    said = _plain(text)
    if not said or len(said) > _LENGTH_MAX or said.count(" ") >= _WORDS_MAX:
        return None
    bare = _without_courtesy(said)
    if said in _phrases(ENOUGH) or bare in _phrases(ENOUGH):
        return Aside.ENOUGH
    if said in _phrases(PRAISE) or bare in _phrases(PRAISE) or PEOPLE_TALK.fullmatch(bare):
        return Aside.TALK
    if _VERSION.fullmatch(bare) or bare in _phrases(CHOICES):
        return Aside.VERSION
    if _NUMBER.fullmatch(bare) or bare in _phrases(COUNTS):
        return Aside.NUMBER
    if _MODEL.fullmatch(bare):
        return Aside.MODEL
    if _SIZE.fullmatch(bare):
        return Aside.SIZE
    return Aside.DEED if _is_deed(bare) else None


def names_deed(said: str) -> bool:
    """Whether a clause asks for something that is done with a picture, and not in it."""
    return any(shape.fullmatch(said) for shape in (_DEED, _MADE_OF_IT, _DEEDS_ELSEWHERE))


def _is_deed(bare: str) -> bool:
    if names_deed(bare):
        return True
    match = _VERB_ALONE.fullmatch(bare)
    return match is not None and match["verb"] not in DRAWING


def _plain(text: str) -> str:
    return " ".join(_PUNCTUATION.sub(" ", fold(text).replace("’", "'")).split())


def _without_courtesy(said: str) -> str:
    words = said.split()
    while len(words) > 1 and words[0] in COURTESY:
        words = words[1:]
    while len(words) > 1 and words[-1] in COURTESY:
        words = words[:-1]
    return " ".join(words)


@cache
def _phrases(table: str) -> frozenset[str]:
    """The phrases of a table, as they are compared."""
    return frozenset(filter(None, (_plain(phrase) for phrase in re.split(r"[|\n]", table))))
