"""Set phrases that people say in a thread, in English and in the languages of those who use it
here. Pure data; phrases are parted by `|` and lines."""

from __future__ import annotations

import re
from typing import Final

from bot.images.vocabulary import table

COURTESY: Final = table(
    """
    please pls plz thanks thank you thx ok okay oh sorry actually hm well bitte danke merci svp
    stp gracias grazie obrigado obrigada bedankt graag hey hi prosze dzieki
    """
)
# That people shall vote on what there is: a whole reply, so it is no part of a picture.
VOTE: Final = """
    vote | a vote | vote now | voting | start a vote | start the vote | start voting | start vote
    open a vote | open the vote | open voting | take a vote | put it to a vote | call a vote
    let's vote | lets vote | let us vote | let's vote on it | let's vote on this
    let's vote on these | let's vote on them | vote on it | vote on this | vote on these
    vote on them | time to vote | can we vote | shall we vote | could we vote | can we vote on it
    can we vote on these | pick | pick one | pick the best | pick a winner | let's pick
    let's pick one | let's pick a winner | start a pick | poll | a poll | start a poll
"""
# That nothing (more) is to be made.
ENOUGH: Final = """
    nvm | never mind | nevermind | hold off | hold off for now | hold on | hang on | one sec
    one moment | wait a sec | wait a minute | wait a bit | wait for me | let's leave it at that
    let's leave it | let's leave it here | let's call it a day | let's wait | let's pause
    let's stop | let's stop here | let's not | we're good | i'm good | we are good | all good
    that'll do | that will do | skip it | skip this | skip that | skip this one | forget it
    forget this | forget that | forget about it | ignore it | ignore this | ignore that
    ignore me | ignore my last message | ignore the last message | wrong thread | wrong channel
    wrong window | sorry wrong thread | sorry wrong channel | disregard | disregard that
    disregard this | maybe later | later | not yet | tomorrow | another time | some other time
    not today | dont bother | don't bother | no thanks | save your credits | stop wasting credits
    don't waste credits | too expensive | that's too expensive | that is too expensive
    don't touch it | perfect don't touch it | pause | leave it | leave it there | drop it
    drop that | scrap it | scrap that | hold it | stand by | no need to | we can stop
    you can stop | you can stop now | stop now | time to stop | do nothing | don't
    nothing for now | i changed my mind | changed my mind | my bad | oops | my mistake
    by mistake | halt | stopp | lass gut sein | lass es | lass es gut sein | lass mal | lass das
    lass es so | passt | passt so | passt schon | passt danke | schon gut | egal | vergiss es
    vergiss das | hör auf | warte | warte mal | später | morgen | vielleicht später | nicht jetzt
    jetzt nicht | lieber nicht | reicht erstmal | erstmal nicht | so lassen | bleibt so
    mach nichts | nichts mehr | alles gut | falscher kanal | falscher thread | noch nicht
    fürs erste reicht das | genug | laisse tomber | laisse | laisse comme ça | c'est bon
    c'est bon comme ça | c'est parfait | pas maintenant | plus d'images | plus d'image
    arrête-toi | arrête | arrêtez | arrête ça | attends | oublie | oublie ça | plus tard | demain
    on s'arrête là | restons-en là | ça ira | ça va comme ça | mauvais canal | pas la peine
    pas besoin | ne fais plus d'images | ne fais rien | rien | ya está | así está bien
    déjalo así | déjalo | déjala así | no más imágenes | olvídalo | espera | más tarde | mañana
    ahora no | todavía no | no hace falta | para ya | detente | por ahora no | para
    dejémoslo así | canal equivocado | ya no más | no hagas nada | mejor no | nada más | basta
    deixa assim | deixa pra lá | deixa para lá | deixa | não precisa | não faça mais | já chega
    pare | espera aí | depois | amanhã | agora não | ainda não | esquece | esqueça | canal errado
    está bom assim | va bene così | lascia stare | lascia perdere | lascia così | smettila
    aspetta | più tardi | domani | non ora | non adesso | non serve | non importa | fermati
    dimentica | canale sbagliato | basta così | laat maar | laat het zo | stop ermee
    zo is het goed | wacht | wacht even | later misschien | niet nu | vergeet het | hoeft niet
    verkeerd kanaal | nog niet | wystarczy | dość | dosyć | nie trzeba | nie rób więcej | zostaw
    zostaw to | zostaw tak | przestań | poczekaj | czekaj | później | jutro | nie teraz | zapomnij
    nieważne | już nie | stój | やめて | やめてください | もう作らないで | もう作らないでください
    これで大丈夫 | 大丈夫 | 大丈夫です | ストップ | いいです | もういいです | 待って
    ちょっと待って | 止めて | 止まって | 中止 | 結構です | あとで | また今度 | このままで
    作らないで | 别再生成了 | 不要再生成了 | 够了 | 停 | 停止 | 停下 | 算了 | 等等 | 等一下 | 不用
    先这样 | 就这样 | 别做了 | 그만 | 그만해 | 그만하세요 | 멈춰 | 잠깐만 | 됐어요 | 나중에
    괜찮아요 | لا شكرا | كفى | يكفي | توقف | لا | انتظر | хватит | стоп | подожди | не сейчас
    потом | забудь | отбой | не делай больше | больше не надо | оставь так | оставь | dur | yeter
    vazgeç | bekle
    """
# That it is liked, or not, or that somebody is there.
PRAISE: Final = """
    muchas gracias | mil gracias | grazie mille | grazie | obrigado | obrigada | muito obrigado
    dank je | dank je wel | dankjewel | bedankt | dziękuję | dzięki | ありがとう
    ありがとうございます | 谢谢 | 多谢 | 감사합니다 | 고마워 | спасибо | большое спасибо | شكرا
    teşekkürler | tack | takk | kiitos | toda | danke schön | danke dir | danke sehr | vielen dank
    merci bien | merci à toi | ok merci | toll | schön | perfekt | sehr schön | genial | prima
    klasse | wunderbar | sehr gut | gut | super | gefällt mir | gefällt mir sehr | das gefällt mir
    hübsch | krass | geil | hammer | cool danke | parfait | c'est beau | c'est super
    c'est génial | magnifique | superbe | très beau | très bien | bien | j'adore | j'aime
    excellent | chouette | c'est nul | me encanta | me gusta | perfecto | que bonito | qué bonito
    muy bien | excelente | vale | precioso | hermoso | guay | perfetto | bellissimo | bello
    bella | ottimo | mi piace | fantastico | bene | lindo | linda | perfeito | ótimo | muito bom
    adorei | gostei | show | legal | top | mooi | heel mooi | prachtig | geweldig | goed | leuk
    świetne | piękne | ładne | dobre | fajne | może być | いいね | いいですね | すごい | すごいね
    素晴らしい | 完璧 | かわいい | きれい | 最高 | 好的 | 好 | 很好 | 不错 | 太棒了 | 完美
    좋아요 | 최고 | 멋져요 | отлично | супер | красиво | класс | здорово | رائع | ممتاز | جميل
    harika | güzel | ship it | approved | fine by me | works for me | hate it | i hate it
    not my favourite | not my favorite | not my taste | not sure | brb | fyi | afk | ttyl
    thoughts | any update | any news | any updates | any thoughts | still waiting | what happened
    kudos | hooray | hurray | legend | that's what i wanted | exactly what i wanted
    exactly what we need | exactly what we needed | go with this | going with this
    going with this one | go with this one | go with it | ship this | this is the one
    good morning | good evening | good night | good afternoon | guten morgen | moin | guten tag
    hallo | bonjour | salut | hola | buenos días | ciao | olá | oi | cześć | привет | こんにちは
    你好 | 안녕하세요 | مرحبا | servus | is this thing on | bug report | report a bug
    help wanted please | hilfe | aide | ayuda | ajuda | aiuto | pomoc | pomocy | ヘルプ | 助けて
    帮助 | 도움말 | помощь | yardım | مساعدة | guthaben | solde | saldo | mein guthaben
    mon solde | mi saldo | verlauf | historique | historial | cronologia | histórico
    geschiedenis | historia | 履歴 | 残高 | 历史 | 余额 | история | баланс | einstellungen
    paramètres | ajustes | impostazioni | configurações | instellingen | ustawienia | 👍 | 👎 | 👌
    🙏 | ✅ | ✔ | ❌ | 🙌 | 👏 | 💯 | :) | :-) | ;) | +1
    """
# What is spoken to people, or asked of them.
PEOPLE_TALK: Final = re.compile(
    r"let me (?:think|check|ask|know|see|show|get|talk|look|discuss|sleep|come back)\b.{0,40}"
    r"|(?:i'll|we'll|i will|we will) (?:use|take|go with|get|check|ask|show|think|let|be back"
    r"|come|try"
    r"|see|wait|keep|look|discuss|send|share|post|stick|stay|leave|handle|talk|do)\b.{0,40}"
    r"|not sure(?: .{1,30})?|(?:i'm|we're) not sure(?: .{1,40})?|(?:exactly|that's) what .{1,30}"
    r"|(?:cc|fyi|ping)(?: @?\S+){1,4}|@\S+(?: .{1,60})?"
    r"|(?:can|could|shall|should) (?:we|i|you) (?:discuss|talk|chat|check|meet|review|look"
    r"|explain)\b"
    r".{0,40}"
    r"|(?:the |my |our )?(?:client|boss|customer|team|manager)s?"
    r" (?:likes?|loves?|approved|approves|hates?|agrees?|decides?|is happy|are happy)\b.{0,30}"
    r"|(?:is|are) (?:this|it|that|these) (?:ok|okay|fine|good|done|ready|approved|enough)\b.{0,40}"
    r"|(?:which|what) (?:model|size|models|sizes|format)(?: .{1,30})?"
    r"|(?:remind|tell|ask|ping|notify|invite) (?:me|us|him|her|them|everyone|the team"
    r"|@\S+)(?: .{1,40})?"
    r"|/?invite(?: .{1,40})?|feedback(?: (?:this|it|that|i) .{1,60})?|unsubscribe|connect|bug"
)
# These change a picture as a whole: "rotate it", "crop this".
DRAWING: Final = table(
    """
    make turn rotate flip mirror crop zoom blur sharpen brighten lighten darken dim colour color
    colorize colourize recolour recolor paint repaint draw redraw sketch outline frame tint tone
    simplify stylize animate invert shrink enlarge widen stretch straighten center centre move
    tilt shade soften warm cool cover fill hide show light illuminate decorate wrap shake melt
    freeze burn break open close fix improve polish clean exaggerate age feature remake render
    restyle modernize modernise extend expand narrow shorten lengthen raise lower lift fade
    saturate desaturate smooth add put give remove want need is like love with without not no and
    more less as in on under over behind beside around above of for from by to replace change use
    see have holding into at than only even what if how about also then redo repeat regenerate
    again retry rerun do try run create generate design build shrink pixelate
    """
)
