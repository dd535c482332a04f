"""The words that are looked for in what people type, in English and in the languages of those who
use it here. Pure data."""

from __future__ import annotations

from typing import Final

from bot.images.catalogue import Size


def read_words(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())


CONJUNCTIONS: Final = read_words(
    """
    and but then also plus & + or und aber oder et mais ou y e pero и но
    """
)
# Behind a value that was named they may be more of its name.
FOLLOWERS: Final = read_words(
    "pro max ultra mini dev schnell turbo lite kontext cover header banner 🍌"
)
COURTEOUS: Final = read_words(
    "please pls plz bitte danke thanks thx svp merci gracias grazie obrigado graag"
)
NEGATIONS: Final = read_words(
    """
    not no don't dont never without nicht kein keine ohne pas non sin sans
    """
)
# Words around a size that say nothing of what is in the picture.
AROUND_SIZE: Final = read_words(
    """
    resize
    make making do redo render turn change switch set put crop try use using go want need have
    be should can could would you we i i'd i'll like let's it it's this that them these the a an
    its picture pictures image images photo photos pic pics result version one ones whole
    instead now this time next only just rather more please pls plz again in as to into for with
    at of is was format formats mode orientation size sized aspect ratio shape shaped crop
    cropped style layout full real proper better actually fully completely all too also same but
    not no don't dont

    mach mache machen es das bild bitte im in ins als auf ein eine einen der die den dem lieber
    jetzt zu nicht kein nochmal lieber gern format größe mets mettez met le la les au en un une
    l'image image plutôt plutot stp svp s'il te vous plaît plait fais passe pas faut hazlo
    hacerlo ponlo ponla pon en formato el la por favor imagen mejor una un que sea fallo mettilo
    in immagine per favore un meglio faça faz em imagem a o por ser maak maar het afbeelding als
    graag zet naar alstublieft сделай сделайте пожалуйста в формате на формат картинку
    ориентация ориентации même mismo stesso mesmo lo to samo hetzelfde gleiche gleichen dasselbe
    w na instagram insta ig facebook fb my our
    """
)
FORMAT_NOUNS: Final = read_words(
    """
    format mode orientation aspect ratio version crop layout shape size formatted oriented
    """
)
SIZE_LEADS: Final = read_words("in as to into im ins als auf en au em a no nel in op w в на for")
ARTICLES: Final = read_words(
    """
    a an the his her my their its our this that another one un une la le der
    """
)
RATIOS: Final = read_words(
    """
    1:1 4:5 5:4 9:16 16:9 2:3 3:2 3:4 4:3 21:9 9:21 1:2 2:1 16:10 10:16 1080x1920 1920x1080
    """
)
# After a size they go on with what shall be changed.
GO_ON: Final = read_words(
    """
    with without and but make add put use more less remove change no not please x2 x3 x4 again
    in as
    """
)
HANGING: Final = read_words(
    """
    add put hang draw place with paint holding showing has have zoom scale by
    """
)
MODEL_LEADS: Final = read_words(
    """
    use using with via in try to the model switch change go and by on mit
    """
)
REFUSALS: Final = read_words(
    """
    stopp abbrechen aufhören parar fermati
    not no don't dont never nothing none stop enough done finished without nope leave keep
    cancel nicht kein keine keinen keins nichts genug reicht nein fertig non pas suffit assez
    rien arrête basta suficiente nada niente niet geen genoeg nee não chega нет не хватит
    достаточно ничего стоп もういい もう十分 足够了 不用了 不要了 됐어 충분해
    """
)
OF_REFUSALS: Final = read_words(
    """
    make making made generate generating create creating do doing draw drawing render rendering
    redo regenerate repeat run produce another any anything anymore more again new further else
    other one ones picture pictures image images pic pics photos version versions variation
    variations it it's this that that's them these those please pls thanks thank you thx for now
    today tonight me us i i'm we we're want need needed to a an the of yet still spend spending
    use using credits money pay paying ok okay and just as is was change changes changing touch
    ever time all good fine wait hold on need's necessary required moment have had here there
    with quite already really so very be don't worry day week enough's work working let's lets
    will i'll we'll ll would like actually sorry danke bitte das für heute noch eins ein eine
    weiteres weitere weiteren mehr bilder bild mach mache machen merci autre autres d'autre ça
    ca pour aujourd'hui en fais faire ne plus images gracias más mas otra otro hagas por hoy es
    ya grazie altro altra per oggi fare obrigado obrigada mais hoje bedankt meer voor vandaag
    спасибо больше надо делай на сегодня jetzt es ist c'est bon so lass wie
    """
)

NTH: Final = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "original": 1,
    "initial": 1,
    "1er": 1,
    "erste": 1,
    "première": 1,
}
FOREIGN_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        [
            "eine ein einen une uno una uma um één een один одну",
            "zwei deux dos due dois duas twee две два",
            "drei trois tres tre três drie три",
            "vier quatre cuatro quattro quatro четыре",
        ],
        1,
    )
    for word in words.split()
}

# What people say for a shape in other words.
SHAPES: Final = {
    Size.SQUARE: read_words(
        """
        squared quadrat quadratisch quadratformat quadratische carre carree cuadrado cuadrada
        cuadrados quadrato quadrata quadrado quadrada vierkant kvadrat kvadratisk kvadratiskt
        kwadrat kwadratowy kwadratowe kwadratowym kwadracie ctverec nelio kare négyzet квадрат
        квадратный квадратное
        квадратная квадратно квадратним τετραγωνο מרובע ריבוע مربع مربعة مربعی वर्गाकार 正方形
        スクエア 方形 정사각형 정방형 persegi vuong จัตุรัส
        """
    ),
    Size.PORTRAIT: read_words(
        """
        vertical vertically upright hochformat hochkant hochkantformat senkrecht vertikal
        vertikale verticale verticales verticalmente retrato ritratto staand portretformaat
        staande pionowo pionowy pionowa pionowe pionowym pionie dikey staende stående pysty
        pystykuva lodret
        vertikalt портрет портретный портретная портретное портретно вертикально вертикальный
        вертикальная вертикальное книжная книжный вертикальне κατακορυφα לאורך عمودي رأسي طولي
        عمودی 縦長 縦向き 縦 竖版 竖屏 竖图 竖向 豎版 直版 直式 纵向 縱向 세로 세로형 potret doc
        แนวตั้ง ऊर्ध्वाधर
        """
    ),
    Size.LANDSCAPE: read_words(
        """
        horizontal horizontally querformat breitbild breitformat waagerecht waagrecht
        horizontale horizontales horizontalmente orizzontale orizzontalmente paysage paysages
        paisaje paisagem paesaggio apaisado apaisada liggend liggende landschap poziomo poziomym
        poziomie poziomy
        pozioma poziome yatay liggande vaaka vaakakuva liggeformat vandret horisontalt альбомная
        альбомный альбомное горизонтально горизонтальный горизонтальная горизонтальное пейзаж
        ландшафт горизонтальне οριζοντια לרוחב أفقي عرضي افقی 横長 横向き 横 横版 横屏 横图 横向
        橫版 橫式 橫向 가로 가로형 lanskap ngang แนวนอน क्षैतिज
        """
    ),
}
# Of these, what means nothing but a format, wherever it stands.
FORMATS_ONLY: Final = read_words(
    """
    hochformat hochkant hochkantformat querformat breitbild breitformat quadratformat staand
    liggend portretformaat apaisado apaisada stående liggeformat vaakakuva pystykuva 縦長 横長
    縦向き 横向き 竖版 横版 竖屏 横屏 竖图 横图 豎版 橫版 세로형 가로형 альбомная книжная
    """
)
# What something is made for: the shape that is usual there, as width to height.
PLACES: Final = {
    (Size.PORTRAIT, 9 / 16): read_words(
        """
        story stories reel reels tiktok tiktoks short shorts snapchat snap status whatsappstatus
        instagramstory igstory instastory facebookstory instagramreel igreel facebookreel
        youtubeshort youtubeshorts ytshort ytshorts tiktokvideo tiktokphoto tiktokphotos
        phonewallpaper mobilewallpaper
        """
    ),
    (Size.LANDSCAPE, 16 / 9): read_words(
        """
        youtube yt youtubevideo youtubethumbnail ytthumbnail thumbnail widescreen cinema
        cinematic twitter xpost tweet twitterpost presentation slide slides hd fullhd desktop
        desktopwallpaper
        """
    ),
    (Size.FEED, 4 / 5): read_words(
        """
        instagram insta ig facebook
        feedpost instagrampost igpost instagramfeed igfeed facebookfeed facebookpost instapost
        """
    ),
    (Size.SQUARE, 1.0): read_words(
        """
        profile profilepicture profileimage avatar icon album albumcover
        """
    ),
}
PLAIN_SHAPES: Final = {"tall": Size.PORTRAIT, "wide": Size.LANDSCAPE}
# Words of their own that are spelt nearly as a name.
NAME_NO_SLIPS: Final = read_words(
    """
    squire squires squirt squares squaw squared scare portrayal portray portrays portrayed
    portal landscaped landscapes landscaping landscaper seascape landslide landscapist
    vertically verticals horizontally horizon horizons ideogramme ideograms ideographic ideology
    portraiture portaits verticality escape handscape landfall
    """
)
# Around a command's word these change nothing: "show me my history, please".
AROUND_COMMAND: Final = read_words(
    """
    please pls plz my me the show see list give tell what what's is are our us how many much
    left do does i we have now all get check view open and to of thanks
    """
)
# What people send to other bots, and what is said in a thread: alone it describes no picture.
NO_COMMANDS: Final = read_words(
    """
    stop cancel undo redo again delete share edit settings setting admin budget budgets rules
    rule version about info start login logout status cost price pricing retry repeat more home
    config menu commands command quit exit abort regenerate feedback support form model models
    size sizes
    """
)
# What an option is called where its value follows: "size: square".
KEYS: Final = read_words("size ar ratio format orientation model quantity count n enhance preset")
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
COMMAND_NO_SLIPS: Final = read_words(
    """
    present presents prisets hell held helm heap hall hills ballet edits historic
    """
)
