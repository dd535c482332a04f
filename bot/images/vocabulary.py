"""The words that are looked for in what people type, in English and in the languages of those who
use it here: everything that is matched by a list stands in this module or in `sayings`. Pure data.
"""

from __future__ import annotations

from typing import Final

from bot.images.catalogue import Size


def table(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())


# Values of flags -------------------------------------------------------------------------------

ON: Final = table(
    "on yes true 1 enabled enable y t yep yeah always ja an oui si sim tak да ✅ ✔ 👍"
)
OFF: Final = table(
    "off no false 0 disabled disable none n f nope never nein aus non nao nee nie uit нет ❌ 👎"
)
# These may begin what the picture shows as well: "--enhance on a hill", "-e no people".
MAY_BE_WORDS: Final = table("on no 1 0 y n t f none an si never always aus nie non ✅ ✔ 👍 ❌ 👎")
# Behind a value that was named they may be more of its name.
FOLLOWERS: Final = table("pro max ultra mini dev schnell turbo lite kontext cover header banner 🍌")
NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        [
            "zero",
            "one eins один одну",
            "two twice zwei deux dos due dois duas twee dwa два две",
            "three thrice drei trois tres tre três drie trzy три",
            "four vier quatre cuatro quattro quatro cztery четыре",
            "five fünf cinq cinco cinque vijf пять",
            "six",
            "seven",
            "eight",
        ]
    )
    for word in words.split()
}

# What a button does, by its verb.
DEEDS: Final = {
    "share": """
        share post send publish forward repost email mail dm teile teilen schick schicke partage
        partager comparte compartir condividi compartilha compartilhe deel udostępnij 共有して
    """,
    "delete": """
        delete remove erase trash discard bin lösche lösch löschen entferne supprime supprimer
        efface borra borrar elimina eliminar apaga apagar verwijder usuń удали 削除して 删除
    """,
    "cancel": "cancel abort halt kill storniere cancela annuleer anuluj キャンセルして 取消",
    "edit": "edit open",
    "save": """
        download save export speichere télécharge enregistre descarga guarda scarica salva baixe
        bewaar pobierz zapisz скачай 保存して 保存 下载
    """,
}

DEED_VERBS: Final = {verb: deed for deed, verbs in DEEDS.items() for verb in verbs.split()} | {
    "get rid of": "delete",
    "take down": "delete",
    "stop": "cancel",
}

# What a word may be ----------------------------------------------------------------------------

# Each kind of word has a name, of which the patterns in `settings` are made. A word that is in none
# of these tables, and names no option, is what a picture shows.
KINDS: Final = {
    # Courtesy, and what leads to a wish.
    "polite": """
        please pls plz bitte danke thanks thank thx svp stp merci gracias grazie obrigado obrigada
        graag alstublieft пожалуйста お願いします prosze can could would will you u ok okay yes
        yeah yep hey hi sorry actually well instead maybe lieber gern gerne plutôt mejor meglio
        doch
    """,
    # Making and changing, with no word of what.
    "make": """
        make making do render turn change switch swap set put try go use need want have give get
        show create generate draw run keep let lets resize should be like liked prefer want choose
        pick take mach mache machen hätte will mets mettez fais faire passe faut hazlo hacerlo
        ponlo ponla pon quiero mettilo metti fai faça faz põe maak zet doe сделай сделайте zrób
        nimm nehmen behalte prends garde usa usar toma prendi pega neem gebruik weź utilise
        utiliza nutze verwende benutze użyj hagas
    """,
    "using": "using via used",
    "with": "with mit avec con com met z",
    # Prepositions that stand before a size or a model, and others.
    "prep": """
        in into as to im ins als en au em nel nella alla al na op w в для for für pour per para
        voor dla
    """,
    "of": "of de von du than from di van d'",
    "where": "on above behind over under beside below near around inside onto auf sur sobre at",
    "article": "a an ein un une una uma um eine einen einem einer een",
    # What is spoken of, and words that say nothing.
    "it": """
        it this that them these those everything both das dies dieses es ça cela esto eso isso
        isto questo dit het deze davon cette esta essa questa
    """,
    "filler": """
        the my our your their its i im id ill we us me is was were are be been der die den dem le
        la les el il lo o os now only just rather next fully completely all whole full real proper
        too so very really any some ever even l'image jetzt zu auch que seja ser maar ne mein
        meine meinen mi mis mon ma mes notre minha meu mijn onze unser unsere nosso
    """,
    "not": """
        not no don't dont doesn't isn't never without off stop nicht kein keine keinen ohne pas
        non sin sans geen niet нет не bez
    """,
    "and": "and but then also plus & + or und aber oder et mais ou y e pero и но или",
    # Once more; another one.
    "again": """
        again redo retry rerun regenerate repeat once more same similar noch nochmal nochmals
        encore fois otra otro vez ancora ещё еще раз mehr weitere weiteres más de nuevo opnieuw
        nog jeszcze même mismo misma stesso mesmo samo to hetzelfde gleiche gleichen dasselbe
        さらに
    """,
    "other": """
        other different older new better cheaper cheapest faster fastest best default anderes
        anderem anderen andere anderer autre autres altro altra altre altri outro outra ander
        anders inny innym 另
    """,
    # How many of what.
    "many": "dozen couple several few many lots plenty double triple hundred quelques varias",
    "pictures": """
        pictures images pics photos versions variations variation variants options takes renders
        copies bilder versionen varianten imágenes imagenes fotos versiones variantes immagini
        versioni imagens versões afbeeldingen plaatjes
    """,
    "pictures_of": "obrazki obrazy obrazków картинки картинок картинку изображения изображений",
    "picture": """
        picture image pic photo ones result results bild bilds immagine imagen imagem afbeelding
        plaatje obraz изображение message
    """,
    # Which of several.
    "version": """
        version v versión versione versão versie wersja wersji wersję variant attempt number nr no
        バージョン
    """,
    "nth": """
        last previous prior earlier original initial latest newest oldest letzte letzten vorherige
        vorherigen dernière précédente anterior precedente vorige poprzednia poprzedniej zweite
        zweiten dritte deuxième segunda segundo seconda secondo tweede drugiej drugą erste ersten
        première premier primera primero prima primo primeira primeiro eerste pierwsza pierwszej
        2番目 1番目 最初 前の 上一个 上一张 上一版
    """,
    "side": "left right top bottom middle",
    "back": """
        undo revert rollback back rückgängig zurück annuler annule reviens revenir retourne
        deshacer deshaz vuelve volver annulla torna desfazer desfaz volta volte voltar terug
        отменить отмени назад 元に戻して 戻して 撤销 撤銷 返回 되돌려 geri wróć cofnij
    """,
    # Improving the prompt; presets; what an option is called.
    "enhance": "enhance enhancing enhancement enhancements enhance_prompt",
    "preset": "preset presets",
    "format": """
        format formats mode orientation aspect ratio size sized shape shaped layout formatted
        oriented crop cropped dimensions ar formato formaat formacie formát formatet größe taille
        tamaño rozmiar формат формате ориентация orientación
    """,
    "model_word": "model models modell modelle modèle modelo modello",
    # What is done with a picture, and not in it.
    "deed": " ".join(DEEDS.values())
    + """
        print pin unpin schedule approve reject decline deny copy rename archive bookmark
        favourite favorite star report assign tag upscale rate vote create list disable enable
        generating ask submit
    """,
    "deed_done": """
        取り消して シェアして 消して ダウンロードして 分享
    """,
    # What has a command, a form or a button of its own.
    "own": """
        history credits balance usage settings setting budget prompt link file form editor
        template approval queue job request png jpg jpeg pdf svg account post
    """,
    "person": """
        tomorrow today tonight later monday tuesday wednesday thursday friday saturday sunday week
        marketing everyone team channel
    """,
    # After these come the words of a sign: "a sign that says in portrait".
    "says": """
        say says saying read reads reading word words text titled title letters called sign
        caption
    """,
    # Beside these, `x2` says how large, or is a name: "zoom x2", "a BMW x3".
    "scaling": """
        zoom zoomed scale scaled scaling by magnify bigger larger smaller wider taller longer bmw
        volvo nikon canon fujifilm level mega iphone type
    """,
}
# The same of several words.
PHRASES: Final = {
    "polite": """
        this time | por favor | per favore | s'il te plaît | s'il vous plaît | let's | i want to
    """,
    "format": "aspect ratio",
    "back": """
        go back | going back | roll back | change back | switch back | turn back | come back
        take it back | put it back | return to | retour à | en arrière | 실행 취소 | geri al
    """,
    "deed": "get rid of | take down | show me my | list all",
    "enhance": "improve the prompt | improve my prompt | improved prompt | enhanced prompt",
    "nth": """
        option a | option b | option c | option d | pick 1 | pick 2 | pick 3 | pick 4 | start over
        start again | begin again | start from scratch | as before | like before | before that
        same as before | reset | restore
    """,
    "again": """
        もう一度 | もう一枚 | 再来一张 | 再一次 | 再来一次 | 한 번 더 | en gång till | tekrar
    """,
    "many": "ein paar | a few | a couple | もう2枚 | もう1枚 | 再来两张 | a lot",
    "other_model": """
        google | midjourney | dall-e | dalle | dall-e 2 | dall-e 3 | stable diffusion | sdxl
        recraft | seedream | firefly | gemini | kling | hunyuan | chatgpt | openai | sora
        imagen 3 | imagen 4 | flux pro | flux dev | flux max | flux ultra | flux schnell
        flux kontext
    """,
}
# With these, in their languages, a verb and "it" are one word: "partage-le", "compártelo".
JOINED_DEEDS: Final = {
    "le la les": "partage supprime efface annule télécharge envoie enregistre publie",
    "lo la los las": """
        compárte bórra elimína cancéla descárga guárda envía publíca condividi cancella elimina
        scarica salva invia
    """,
}
NTH: Final = {
    word: number
    for number, words in enumerate(
        [
            "first original initial 1er erste ersten première primera prima primeira eerste",
            "second zweite zweiten deuxième segunda seconda tweede",
            "third dritte",
            *("fourth", "fifth", "sixth", "seventh", "eighth"),
        ],
        1,
    )
    for word in words.split()
}
# These go back to nothing: "go back in time", "turn back the clock".
NO_WAY_BACK: Final = table("time clock yard pain porch alley view")
# These change a size that stands first, and go on with what shall be: "portrait, with rain".
GO_ON: Final = table(
    """
    with without and but make add put use more less remove change no not please x2 x3 x4 again in
    as
    """
)
# Before these words in a clause, pictures hang: "add two pictures on the wall".
HANGING: Final = table("add put hang draw place with paint holding showing has have")
# Alone after a pause or first, these may describe a picture: "portrait, oil on canvas", "wide".
LIST_SHAPES: Final = table("portrait landscape square wide tall upright doc")
RATIOS: Final = table(
    """
    1:1 4:5 5:4 9:16 16:9 2:3 3:2 3:4 4:3 21:9 9:21 1:2 2:1 16:10 10:16
    """
)
BRANDS: Final = table(
    "x instagram insta ig youtube yt tiktok facebook snapchat twitter whatsapp linkedin pinterest"
)

# Sizes -----------------------------------------------------------------------------------------

# What people say for a shape in other words.
SHAPES: Final = {
    Size.SQUARE: table(
        """
        squared quadrat quadratisch quadratformat quadratische carre carree cuadrado cuadrada
        cuadrados quadrato quadrata quadrado quadrada vierkant kvadrat kvadratisk kvadratiskt
        kwadrat kwadratowy kwadratowe kwadratowym kwadracie ctverec nelio kare négyzet квадрат
        квадратный квадратное квадратная квадратно квадратним τετραγωνο מרובע ריבוע مربع مربعة
        مربعی वर्गाकार 正方形 スクエア 方形 정사각형 정방형 persegi vuong จัตุรัส
        """
    ),
    Size.PORTRAIT: table(
        """
        vertical vertically upright hochformat hochkant hochkantformat senkrecht vertikal
        vertikale verticale verticales verticalmente retrato ritratto staand portretformaat
        staande pionowo pionowy pionowa pionowe pionowym pionie dikey staende stående pysty
        pystykuva lodret vertikalt портрет портретный портретная портретное портретно вертикально
        вертикальный вертикальная вертикальное книжная книжный вертикальне κατακορυφα לאורך عمودي
        رأسي طولي عمودی 縦長 縦向き 縦 竖版 竖屏 竖图 竖向 豎版 直版 直式 纵向 縱向 세로 세로형
        potret doc แนวตั้ง ऊर्ध्वाधर
        """
    ),
    Size.LANDSCAPE: table(
        """
        horizontal horizontally querformat breitbild breitformat waagerecht waagrecht horizontale
        horizontales horizontalmente orizzontale orizzontalmente paysage paysages paisaje paisagem
        paesaggio apaisado apaisada liggend liggende landschap poziomo poziomym poziomie poziomy
        pozioma poziome yatay liggande vaaka vaakakuva liggeformat vandret horisontalt альбомная
        альбомный альбомное горизонтально горизонтальный горизонтальная горизонтальное пейзаж
        ландшафт горизонтальне οριζοντια לרוחב أفقي عرضي افقی 横長 横向き 横 横版 横屏 横图 横向
        橫版 橫式 橫向 가로 가로형 lanskap ngang แนวนอน क्षैतिज
        """
    ),
}
# Of these, what means nothing but a format, wherever it stands.
FORMATS_ONLY: Final = table(
    """
    hochformat hochkant hochkantformat querformat breitbild breitformat quadratformat staand
    liggend portretformaat apaisado apaisada stående liggeformat vaakakuva pystykuva 縦長 横長
    縦向き 横向き 竖版 横版 竖屏 横屏 竖图 横图 豎版 橫版 세로형 가로형 альбомная книжная
    """
)
# What something is made for: the shape that is usual there, as width to height.
USES: Final = {
    (Size.PORTRAIT, 9 / 16): table(
        """
        story stories reel reels tiktok tiktoks short shorts snapchat snap status whatsappstatus
        instagramstory igstory instastory facebookstory instagramreel igreel facebookreel
        youtubeshort youtubeshorts ytshort ytshorts tiktokvideo tiktokphoto tiktokphotos
        phonewallpaper mobilewallpaper
        """
    ),
    (Size.LANDSCAPE, 16 / 9): table(
        """
        youtube yt youtubevideo youtubethumbnail ytthumbnail thumbnail widescreen cinema cinematic
        twitter xpost tweet twitterpost presentation slide slides hd fullhd desktop
        desktopwallpaper
        """
    ),
    (Size.FEED, 4 / 5): table(
        """
        instagram insta ig facebook feedpost instagrampost igpost instagramfeed igfeed
        facebookfeed facebookpost instapost
        """
    ),
    (Size.SQUARE, 1.0): table(
        """
        profile profilepicture profileimage avatar icon album albumcover
        """
    ),
}
# Of these, what is a thing as well.
THINGS_TOO: Final = table(
    "status snap cinema cinematic hd fullhd slide slides presentation desktop icon avatar album"
    " profile"
)
PLAIN_SHAPES: Final = {"tall": Size.PORTRAIT, "wide": Size.LANDSCAPE}
# Words of their own that are spelt nearly as a name.
NAME_NO_SLIPS: Final = table(
    """
    squire squires squirt squares squaw squared scare portrayal portray portrays portrayed portal
    landscaped landscapes landscaping landscaper seascape landslide landscapist vertically
    verticals horizontally horizon horizons ideogramme ideograms ideographic ideology portraiture
    portaits verticality escape handscape landfall
    """
)

# Talk ----------------------------------------------------------------------------------------

# Who says one of these, and otherwise only the words below it, wants nothing to be made.
REFUSALS: Final = table(
    """
    stopp abbrechen aufhören parar fermati not no don't dont never nothing none stop enough done
    finished without nope leave keep cancel nicht kein keine keinen keins nichts genug reicht nein
    fertig non pas suffit assez rien arrête basta suficiente nada niente niet geen genoeg nee não
    chega нет не хватит достаточно ничего стоп もういい もう十分 足够了 不用了 不要了 됐어 충분해
    """
)
OF_REFUSALS: Final = table(
    """
    make making made generate generating create creating do doing draw drawing render rendering
    redo regenerate repeat run produce another any anything anymore more again new further else
    other one ones picture pictures image images pic pics photos version versions variation
    variations it it's this that that's them these those please pls thanks thank you thx for now
    today tonight me us i i'm we we're want need needed to a an the of yet still spend spending
    use using credits money pay paying ok okay and just as is was change changes changing touch
    ever time all good fine wait hold on need's necessary required moment have had here there with
    quite already really so very be don't worry day week enough's work working let's lets will
    i'll we'll ll would like actually sorry danke bitte das für heute noch eins ein eine weiteres
    weitere weiteren mehr bilder bild mach mache machen merci autre autres d'autre ça ca pour
    aujourd'hui en fais faire ne plus images gracias más mas otra otro hagas por hoy es ya grazie
    altro altra per oggi fare obrigado obrigada mais hoje bedankt meer voor vandaag спасибо больше
    надо делай на сегодня jetzt es ist c'est bon so lass wie
    """
)

# Commands --------------------------------------------------------------------------------------

# Around a command's word these change nothing: "show me my history, please".
AROUND_COMMAND: Final = table(
    """
    please pls plz my me the show see list give tell what what's is are our us how many much left
    do does i we have now all get check view open and to of thanks
    """
)
# What people send to other bots, and what is said in a thread: alone it describes no picture.
NO_COMMANDS: Final = table(
    """
    stop cancel undo redo again delete share edit settings setting admin budget budgets rules rule
    version about info start login logout status cost price pricing retry repeat more home config
    menu commands command quit exit abort regenerate feedback support form model models size sizes
    """
)
# Things that have a command's word in their name.
COMMAND_NO_COMMANDS: Final = frozenset(
    f"{first} {second}"
    for first, seconds in {
        "help": "wanted desk",
        "history": "museum book books teacher lesson class classroom buff professor student",
        "credit": "card cards score union",
        "balance": "beam bike board sheet wheel scale",
        "usage": "chart graph meter",
        "preset": "dial dials buttons",
    }.items()
    for second in seconds.split()
)
# Words of their own that are spelt nearly as a command.
COMMAND_NO_SLIPS: Final = table(
    """
    present presents prisets hell held helm heap hall hills ballet edits historic
    """
)
