"""What people type, by the line: ordinary descriptions, which are never asked about, and odd ones,
which are never paid for as something else."""

from __future__ import annotations


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


# Of a fresh command: each is the prompt, to the letter.
ORDINARY_PROMPTS = lines(
    """
    a lighthouse in fog
    a portrait of a woman
    a portrait of my grandmother, oil on canvas
    a square table in a square room
    two foxes
    three cats on a sofa, one of them asleep
    a landscape with a river
    a mountain landscape at dawn, wide shot
    portrait of a cyberpunk samurai, neon, 85mm
    landscape painting in the style of the Hudson River School
    square tiles in blue and white
    a group portrait, everyone laughing
    a self portrait of a robot
    vertical stripes in pastel colours
    a horizontal line of penguins
    horizontal blinds, golden hour
    a vertical garden on a skyscraper
    a story book illustration of a bear
    a short story come to life
    the feed of a chicken farm
    bird feed in a wooden bowl
    feed the birds
    a youtube play button made of gold
    a tiktok dancer on a roof
    a movie poster with the title "Landscape"
    an icon of a saint
    an album cover with a burning piano
    the model of a ship in a bottle
    a fashion model in a red dress
    a different kind of model train
    a city in flux
    flux of light through a prism
    a nano robot inside a blood vessel
    an ideogram of the sun in stone
    a banana on a white wall
    a robot that reads about gpt
    a bmw x3 in the rain
    a tesla model y parked by the sea
    4 seasons of one tree
    two pictures on the wall above a sofa
    a wall with three pictures in golden frames
    a gallery of images in a dark hall
    five famous sofas in one room
    a 3d render of a donut
    8k, highly detailed, cinematic light
    a 16 bit pixel art castle
    a clock at 9:16
    a scoreboard that shows 3:2
    the year 1984
    a number 7 made of ice
    a version of Venice without water
    an enhanced photograph of the moon
    a sign that says help
    please draw a cat with a hat
    could you draw a cat with a hat?
    a help desk in the 1980s
    the history of perfume as a fresco
    old credits rolling over a cinema screen
    a balance of stones by the sea
    a scale in balance
    stop motion puppets in a forest
    a stop sign in the snow
    a delete key under a magnifying glass
    share the road sign with a bicycle
    a dog's breakfast
    rock 'n' roll
    it's raining cats and dogs
    a well-known t-shirt
    minus -5 degrees on a thermometer
    fog — thick and grey —old
    a 5" nail and a 3" nail
    he said "hi" and left
    an open " quote
    a sign saying "open --now" at night
    a poster: “Sale -e today”, red letters
    ein Schild „Jetzt -e“, Neon
    un panneau « ouvert -n 2 », la nuit
    ein Leuchtturm im Nebel
    ein Porträt meiner Oma
    un paysage de montagne sous la neige
    un portrait de femme
    un retrato de una mujer con sombrero
    un paisaje de los Andes
    una mesa cuadrada
    un ritratto di famiglia
    портрет старого моряка
    пейзаж с рекой
    雪の中の狐
    横長の机
    山水画的风景
    한국의 겨울 풍경
    منارة في الضباب
    مردی که می‌خواهد پرواز کند
    क्षितिज पर एक जहाज़
    🦊 in 雪
    👩‍👩‍👧‍👦 at the beach
    🏴‍☠️ on a mast
    C:\\> prompt on an old monitor
    a < b & b > c on a blackboard
    5 * 3 * 2 written with chalk
    snake_case and camelCase as animals
    a ratio of one to one, as a sculpture
    an upright piano
    a wide river
    a tall man and a short woman
    a wide-angle photo of a square
    Times Square at night
    a town square with a market
    a reel of film
    an instagram post from the stone age
    hello kitty
    a cool car
    thank you card with flowers
    a perfect circle
    love letters in a box
    the number three in gold
    again and again the waves break
    more is more, a baroque interior
    a house with no windows
    a beach without people
    no text, minimal logo of a whale
    not a pipe
    a car, not red, by the sea
    undo button as a sculpture
    a portrait of my dog
    square tiles in a bathroom
    two foxes at sunset
    stop sign in the rain
    help wanted poster
    credit card on a table
    history museum at night
    balance beam gymnast
    cancel button on a phone
    undo arrow icon
    download icon
    approve stamp in red
    save the date card
    share a coke
    post office in a village
    upscale restaurant interior
    more like a castle than a house
    back to the future car
    revert to nature, poster
    nothing but sky
    don't panic in friendly letters
    please do not disturb sign
    let's dance neon sign
    we will rock you
    what a wonderful world
    where the wild things are
    a man in a square
    cows in a landscape
    woman, portrait, soft light
    a ruined city, matte painting, landscape
    square, circle, triangle
    2x4 lumber stacked
    a photo of a 4x4 truck
    a 4:3 television from the 60s
    a bmw x3
    tesla model x
    world war 2
    a runner, number 3
    a fox, hd
    a girl with flux in her hair
    flux capacitor
    model: a woman in red
    size matters: a cat and a mouse
    a dragon for a story
    a poster for a presentation
    a dozen red roses on a table
    two photos on a fridge
    a scene with 3 pictures on the wall
    the first snow
    left hand
    half moon
    double rainbow
    pause button
    reset button
    morgen im Wald
    basta pasta restaurant
    un carré de chocolat
    桜の木の下の猫
    고양이 두 마리
    1+1=2
    a floral wallpaper
    can you make a picture of a dog?
    a robot that says "use ideogram"
    poster "portrait"
    👩🏽‍🚀 on mars
    """
)

# Of a reply in a thread: each is an instruction, and is added to the letter.
ORDINARY_REPLIES = lines(
    """
    with a darker sky
    use a darker sky
    make the sky darker
    make it darker
    make it more dramatic
    a bit brighter
    less fog
    more fog
    no more fog
    without people
    no people
    no text
    remove the text
    remove the tree on the left
    delete the boat in the background
    take away the clouds
    get rid of the shadows
    don't make it so dark
    don't show the moon
    the moon should not be so large
    not so many trees
    add a square window
    add a portrait of a cat on the wall
    put a landscape painting above the sofa
    a man holding a portrait
    make the table square
    make it square windows
    make the portrait on the wall bigger
    paint the landscape behind her in blue
    add a circle and square
    portrait, oil on canvas, 85mm
    square, dark windows
    with horizontal stripes
    a vertical crack in the wall
    a wider street
    make the street wider
    taller trees
    make her taller
    upright ears
    two foxes instead of one
    two foxes
    three more trees
    add 3 more
    3 more clouds
    4 of them wearing hats
    add two pictures on the wall
    two pictures on the wall
    one of them should look up
    another tree
    another colour for the door
    different shoes
    a different hat
    zoom in
    zoom in x2
    zoom out a little
    2x bigger
    make the fox 2x bigger
    twice as many stars
    make the sky dark again
    bring the rain back again
    regenerate the sky
    same colours but darker
    same pose, other clothes
    enhance the colours
    enhanced, 8k, detailed
    a sign that says please
    a sign that says in portrait
    the sign says "again"
    the title is "Landscape"
    nice, but make it darker
    great, now with snow
    I love it, but the fox should be red
    beautiful, dreamy, soft light
    too dark
    too many people
    what about a darker sky?
    in 4k
    higher resolution
    the 3rd bird should be red
    one at a time
    original colours
    share the pizza
    delete the background
    send the fox to the moon
    can you make the fox smile?
    could we have a red door?
    how about a cat instead of the dog
    a city in flux
    in flux
    a robot with gpt
    a model in a red dress
    the model ship should be smaller
    a newer car model in the garage
    feed the cat
    share a plate of pasta
    put this in a frame
    put it on a table
    move it to the left
    move the fox to the right
    send the fox into the woods
    show more of the sea
    open the door
    save the whale: a banner on the ship
    cancel culture as a theme
    stop sign on the corner
    the first light of the day
    the second fox should sleep
    last summer's colours
    an original Picasso on the wall
    a step back from the cliff
    her back to the camera
    seen from the back
    at night
    at 9 in the evening
    in blue
    in the style of Monet
    in watercolour
    as a woodcut
    black and white
    red and blue instead
    minus -5 degrees
    fog — thick and grey
    write the prompt: hello on a wall
    Make it darker. Add a cat.
    a story about a fox
    like a scene from a short film
    as seen on youtube
    a phone that shows tiktok
    もっと暗く
    空をもっと青く
    مزيد من الضباب
    mehr Nebel
    mach den Himmel dunkler
    ohne Menschen
    plus sombre
    sans texte
    más oscuro
    sin gente
    меньше тумана
    🦊 instead of the dog
    undo button on the wall
    go back in time, 1920s
    turn back the clock
    frame it
    paint it
    rotate it to the left
    with a dog holding it
    add a cat and let it sleep
    put a hat on it
    turn them into cats
    a man, holding it
    download arrow icon
    more pictures on the wall
    3/4 view
    half the size
    the one on the left should smile
    I want more snow
    the client wants more blue
    I don't like the dog, make it a cat
    hold a flag
    nothing in the background
    later in the day
    a second fox
    ein zweiter Hund
    deux chiens
    dos perros
    like in the first world war
    imagen de un perro
    with a google logo
    """
)

# Of a fresh command: none becomes a picture of these words, or of all of them, without a question.
ODD_COMMANDS = lines(
    """
    history perfume
    History of Rome
    credits please show me the film
    balance of power
    presets for summer
    help me draw
    help with a logo
    usage of fire in the stone age
    histroy
    hitsory
    balace
    creditz
    presests
    usagee
    hlep
    stop
    Stop!
    cancel
    undo
    redo
    again
    delete
    share
    settings
    admin
    budget
    version
    models
    sizes
    retry
    repeat
    thanks
    thank you
    hi
    hello
    nice!
    ok
    no thanks
    landscape
    portrait
    square
    protrait
    potrait
    landscpae
    Hochformat
    Querformat
    horizontal
    vertical
    縦長
    横版
    16:9
    9:16
    x3
    x2
    use ideogram
    use ideogarm
    with nano bananna
    another model
    ideogramm
    a fox --siez portrait
    a fox --modle flux
    a fox --quantty 2
    a fox --enhnace
    a fox --presset brand
    a fox --size protrait
    a fox --size huge
    a fox --size
    a fox --model
    a fox --model ideogarm
    a fox --model midjourney
    a fox --model nano bananna 2
    a fox --model gpt-image-2
    a fox -n two
    a fox -n 1.5
    a fox -n many
    a fox --enhance=maybe
    a fox --no-enhance=off
    a fox --enhance on a hill
    a beach -e no people
    a fox --enhance 1 more
    a fox -q 2
    a fox --colour red
    a fox --no text
    a fox --4k
    a fox --v 6
    a fox --stylize 200
    a fox --size/portrait
    a fox —modle flux
    a fox –siez portrait
    a fox −siez portrait
    a fox `--siez portrait`
    a fox *--modle flux*
    a fox -n 1 -n 2
    a fox -e --enhance
    a fox -s square --size portrait
    a fox --model ideogram 3 foxes
    a fox -m gpt-image-1.5 --size 16:9
    a fox -m gpt-image-1.5 --size story
    a fox -s 2:3
    a fox --size 21:9
    a fox, 16:9
    a fox in 9:16
    a fox in portrait format
    a fox in landscape mode
    a fox im Hochformat
    a fox, use ideogram
    a fox with ideogramm
    a fox using nano banana
    a fox, x3
    a fox, 3 variations
    3 pictures of a fox
    four versions of a logo
    a fox -n 5
    a fox -n 0
    a fox --size:hugee
    version 2
    go back to version 1
    in portrait
    portrait mode
    make it 16:9
    enhance
    a fox --no-enhance off
    a fox.--size portrait
    a fox — size portrait
    a fox -- size portrait
    a fox --style anime
    a fox --seed 5
    a fox in portrait
    a fox, portrait please
    a fox as portrait
    a fox (portrait)
    a fox [16:9]
    a fox in landscape
    a fox 16x9
    a fox, 16 x 9
    a fox, aspect ratio 16:9
    a fox 1920x1080px
    a fox for an Instagram story
    a fox for youtube
    ein Hund für meine Instagram Story
    a fox, vertical
    un renard en format paysage
    un renard au format portrait
    un zorro en formato vertical
    una volpe in formato orizzontale
    uma raposa em formato retrato
    een vos in staand formaat
    lis w formacie pionowym
    狐 横長で
    a fox x3
    a fox ×3
    a fox 3x
    a fox (x3)
    a fox (3 pictures)
    a fox, 3 pictures please
    a fox three times
    zwei Bilder von einem Fuchs
    deux images d'un renard
    dos imágenes de un zorro
    due immagini di una volpe
    duas imagens de uma raposa
    dwa obrazki lisa
    can you make 3 pictures of a fox
    a dozen pictures of a fox
    several pictures of a fox
    a fox, ideogram
    a fox (ideogram)
    a fox using flux
    a fox using midjourney
    a fox with stable diffusion
    use ideogram: a fox
    use flux for a fox
    ideogram: a fox
    nano banana a fox
    portrait: a fox
    Hochformat: ein Fuchs
    square, a fox
    16:9 a fox
    x2 a fox
    2x a fox
    again: a fox
    enhance: a fox
    a fox, enhance prompt
    a fox but enhance the prompt
    a fox without enhancing
    a fox, use preset brand
    a fox using the brand preset
    a fox size=portrait
    a fox, size: square
    a fox model=flux
    a fox quantity:3
    a fox n=3
    size=portrait a fox
    a fox /size portrait huge
    a fox and share it to #general
    a fox, download it
    a fox --model flux pro
    a fox --size facebook cover
    a fox --size portrait or landscape
    a fox --enhance none of it
    never mind
    nvm
    hold off for now
    let's stop here
    don't make more
    enough for today
    forget it
    wrong channel
    stopp
    basta
    arrête
    hilfe
    ayuda
    ヘルプ
    guthaben
    how much does it cost
    what can you do?
    which models do you have?
    share this to #general
    upscale it
    approve this
    schedule this for tomorrow
    set budget 100
    the first one
    use the second
    make it darker
    /imagine
    ...
    !
    👍
    👍🏽
    three
    drei Bilder
    en vertical
    flux
    use midjourney
    instagram story
    grazie
    obrigado
    """
)

# Of a reply in a thread: none is added to the prompt as it is.
ODD_REPLIES = lines(
    """
    make it darker and landscape
    make it darker and portrait
    make it blue and square
    darker, in Hochformat, with rain
    protrait
    potrait please
    in landscpae
    make it sqaure
    make it protrait and add a cat
    can you do it in landscpae?
    Hochformat
    bitte im Hochformat
    Querformat bitte
    mach es quadratisch
    en paysage s'il te plaît
    format paysage
    en vertical por favor
    ponlo en horizontal
    in formato orizzontale
    em retrato por favor
    вертикально
    сделай горизонтально
    縦長にして
    横版
    세로로
    أفقي
    yatay
    pionowo
    horizontal
    vertical please
    make it vertical, with fog
    make it wide
    make it a portrait
    turn it into a landscape
    make this into a square
    a portrait version
    the landscape format please
    for youtube
    for my instagram story
    as a tiktok
    not in portrait
    not landscape
    use ideogarm
    use ideogramm and make it darker
    with nano bananna
    in idoegram please
    use ideogram letters
    make the sky darker, use ideogram, and add a cat
    don't use ideogram
    without using nano banana
    try it with flux2flx
    use gpt-imgae
    another model
    a different model please
    try another model
    change the model
    switch models
    use midjourney
    with midjourney style
    use dall-e for this
    use gemini
    Make 2 of them landscape
    4 versions of it with rain
    a darker sky, 3 variations of it
    3 Bilder
    zwei Bilder bitte
    trois images
    dos imágenes por favor
    две картинки
    two in blue
    make 3 in red
    v2
    the second one but blue
    use the 2nd
    like the first version
    the previous one was better
    make it like version 1 but darker
    I liked the last version more
    go back to version 2
    go back to the 2nd
    go back to the second version
    back to version 1
    back to the first one
    revert to v1
    go back
    undo
    undo that
    undo the last change
    revert
    roll back
    version 2
    version 1 please
    use version 2
    previous version
    go back to the original
    go back to version 2 and make it darker
    return to the 1st, with rain
    rückgängig
    zurück zu Version 1
    annuler
    reviens à la version 2
    deshacer
    vuelve a la versión 1
    元に戻して
    撤销
    share this to #general
    share this
    please share it with the team
    share
    post this in #launch
    post it
    send this to #general please
    can you share that to the channel?
    teile das mit dem Team
    delete this
    delete the picture
    please remove this
    delete these pictures
    get rid of it
    cancel it
    stop it
    stop generating
    cancel the job
    edit this
    open the form
    download this
    save it
    please don't make another one
    please don't make any more
    don't make another
    don't do it again
    do not generate anything
    no more pictures please
    no more
    no more versions, thanks
    not again
    never again
    not now
    enough
    enough for today
    that's enough
    that's enough for now, thanks
    stop making pictures
    stop it please
    no need for more
    nothing else
    nothing more
    we're done
    I'm done for today
    leave it as it is
    keep it as it is, don't change anything
    don't change anything
    I don't want another one
    don't spend any more credits
    nein danke
    genug für heute
    bitte keine weiteren Bilder
    non merci
    ça suffit
    no gracias
    basta
    не надо
    хватит
    もう十分
    不用了
    again --siez portrait
    darker --colour red
    --size huge
    --size protrait
    --model ideogarm
    --enhance=perhaps darker
    -n two darker
    again -n two
    instead of portrait use landscape
    don't make it landscape, keep it square
    portrait or landscape?
    again in hochformat
    resize to 1080x1920
    for instagram
    a story version
    send it to Ben
    email this to ben
    can I share this?
    nano
    three
    only one picture
    make it like the original
    go back one
    go back two versions
    undo twice
    noch eins
    noch ein Bild bitte
    mehr davon
    encore une fois
    otra vez
    ещё раз
    もう一度
    stopp
    abbrechen
    löschen
    again 1.5
    use gpt image 2
    use nano banana 3
    --size portrait, make it square
    use flux and use ideogram
    --preset
    again x9
    x0
    thanks!
    who made this?
    history
    credits
    help
    nvm
    hold off for now
    let's call it a day
    let's leave it at that
    forget it
    skip this one
    ignore my last message
    wrong thread
    maybe later
    let me ask the team
    we'll use this one
    save your credits
    too expensive
    lass gut sein
    passt so
    vergiss es
    c'est bon merci
    laisse tomber
    pas maintenant
    así está bien
    déjalo así
    no más imágenes
    deixa pra lá
    não precisa
    va bene così
    lascia stare
    laat maar
    stop ermee
    wystarczy
    nie trzeba
    やめて
    もう作らないで
    大丈夫です
    别再生成了
    그만
    لا شكرا
    upscale
    upscale it please
    upscale x2
    give me variations
    similar ones
    share it with marketing
    teile es in #general
    schick das an Ben
    partage-le
    compártelo con el equipo
    condividilo
    compartilhe isso
    deel dit
    共有して
    bin it
    lösch das Bild
    supprime cette image
    borra esta imagen
    elimina questa immagine
    verwijder dit
    usuń to
    削除して
    cancel my request
    annule ça
    show me my history
    list presets
    approve
    approve it
    reject it
    schedule it
    post it tomorrow at 9
    pin this
    save as preset
    make this my default
    copy the prompt
    rename it
    print this
    make it darker and share it with the team
    add a dog and schedule it for monday
    again, and pin it
    v.2
    version two
    the second
    use the second
    pick 2
    option b
    the left one
    previous
    start over
    reset everything
    nimm die erste
    die zweite
    la première
    vuelve a la primera
    torna alla prima
    volta para a primeira
    de tweede
    wróć do wersji 1
    2番目
    上一个
    as before
    the original
    a dozen
    noch zwei
    encore deux
    dos más
    altre due
    nog twee
    jeszcze dwa
    もう2枚
    再来两张
    zero
    2 squares
    chatgpt
    use google
    dall-e 3
    flux pro
    nutze flux
    用ideogram
    mit anderem Modell
    altro modello
    the cheapest model
    16 by 9
    1080x1080
    another size
    different aspect ratio
    für instagram story
    for linkedin
    as a phone wallpaper
    w poziomie
    la même en paysage
    lo mismo en vertical
    turn enhance off
    enhance=true darker
    darker size=portrait
    muchas gracias
    grazie mille
    sehr schön
    c'est beau
    me encanta
    すごい
    谢谢
    thoughts?
    the client likes it
    not sure about this
    """
)
