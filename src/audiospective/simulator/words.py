"""The words of which invented names are made: scenes of several languages, none of them a real artist's discography.

A pattern names pools in braces; a pool is a text of words parted by commas. `catalogue.py` fills them by seed.
"""

from __future__ import annotations

from typing import NamedTuple


class Scene(NamedTuple):
    """A kind of music in one language. `artists` is how many play it; `years` when their first records came out."""

    key: str
    genres: tuple[str, ...]
    artists: int
    years: tuple[int, int]
    minutes: float
    """Typical length of a track."""
    market: str
    acts: tuple[str, ...]
    titles: tuple[str, ...]
    pools: dict[str, tuple[str, ...]]


def _pools(**texts: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(word.strip() for word in text.split(",")) for name, text in texts.items()}


_ENGLISH = _pools(
    adj="Marrow, Pale, Hollow, Northern, Silver, Slow, Paper, Velvet, Copper, Distant, Quiet, Amber, Static, Second, "
    "Salt, Winter, Wild, Broken, Electric, Cedar, Glass, Low, Bright, Iron, Gentle, Lunar, Tidal, Dusty, Crooked, "
    "Golden, Borrowed, Narrow, Ninth, Idle, Faded, Tall, Kind, Early, Late, Hidden, Open, Painted, Restless, Soft, "
    "Weathered",
    noun="Coast, Harbour, Lantern, Orchard, Parade, Signal, River, Motel, Antler, Weather, Swimmer, Garden, Telegraph, "
    "Satellite, Fox, Meadow, Pilot, Choir, Atlas, Engine, Arcade, Window, Kitchen, Letter, Ladder, Island, Mirror, "
    "Ferry, Corner, Balcony, Archive, Compass, Tunnel, Staircase, Museum, Radio, Postcard, Avenue, Horizon, "
    "Thunder, Feather, Bakery, Valley, Anchor, Clock, Photograph, Sparrow, Ocean",
    plural="Lanterns, Rivers, Antlers, Swimmers, Gardens, Satellites, Foxes, Pilots, Engines, Mirrors, Sparrows, Tides, "
    "Harbours, Letters, Strangers, Architects, Weathermen, Cartographers, Understudies, Lighthouses, Orchards, "
    "Magpies",
    first="Ilse, Theo, Mara, Jonah, Wren, Otis, Della, Callum, Freya, Silas, Nell, Amos, Ottilie, Rufus, Imogen, Cyrus, "
    "Tamsin, Leander, Posy, Ezra",
    last="Vandermeer, Marlowe, Achterberg, Quill, Okonjo, Fairweather, Hartigan, Lindgate, Pemberly, Okafor-Lane, "
    "Strand, Bellwether, Calloway, Ashgrove, Penhallow, Drummond, Castellane, Whitlock, Rookwood, Sallow",
    verb="Leaving, Holding, Chasing, Losing, Finding, Calling, Keeping, Counting, Waiting for, Running from, Talking to, "
    "Dreaming of, Forgetting, Following, Missing, Breaking, Learning from, Sleeping through",
    thing="the Light, You, the City, Home, My Name, the Rain, Summer, the Morning, Nobody, the Tide, Saturday, the Last "
    "Train, Your Voice, the Wire, the Quiet, Tomorrow, the Map, Fire, the Crowd, the Distance, Gold, a Friend, the "
    "Dark, the Radio",
    place="Lisbon, Leeds, Ohio, Tallinn, the Car Park, Room 12, Halifax, the Back Seat, Marseille, the Hallway, Osaka, "
    "Gate 40, Duluth, the Deep End, Antwerp, the Old Pool, Cork, the Attic",
    feel="I Don't Mind, Say It Again, Not Today, Come Over, Stay a While, If You Knew, We Were Young Once, It Was Never "
    "You, Hold Still, Nobody's Fault, You Were Right, Is It Over, What We Owe, All at Once, Something Like That, "
    "Same as Ever, Don't Look Down, Almost There",
)
_ENGLISH_TITLES = (
    "{adj} {noun}",
    "{noun}",
    "{verb} {thing}",
    "{feel}",
    "{plural}",
    "{noun} in {place}",
    "{adj} {plural}",
    "Letter to {first}",
    "{first}",
    "The {noun}",
    "{verb} {thing}",
    "{place}",
    "{noun} Song",
    "{adj}",
    "{plural} of {place}",
    "{feel}",
    "{adj} Hours",
    "After the {noun}",
)
_BANDS = ("{adj} {noun}", "The {plural}", "{adj} {plural}", "{noun} & {noun}", "{first} {last}", "{noun} {noun}", "{place} {plural}")
_SOLO = ("{first} {last}", "{first} {last}", "{first}", "{last}", "{first} & the {plural}")

_PORTUGUESE = _pools(
    first="Inês, Rui, Joana, Tomé, Luzia, Baltasar, Mariana, Simão, Celeste, Álvaro, Benedita, Zé, Noémia, Lourenço, Iara, Caetana",
    last="Valadares, Sobral, Monteverde, Figueirôa, Açucena, Tavira, Quintela, Nazaré, Brandão, Sertório, Jacarandá, "
    "Alcântara, Sampaio, Guará",
    noun="Maré, Saudade, Varanda, Cidade, Janela, Madrugada, Ladeira, Chuva, Estação, Lua, Memória, Sombra, Manhã, "
    "Praia, Rua, Canção, Fogueira, Ilha",
    masc="Mar, Vento, Silêncio, Domingo, Rio, Caminho, Jardim, Segredo, Porto, Verão, Relógio, Coração, Barco, Quintal, Céu",
    of="da Saudade, do Mar, de Agosto, sem Fim, da Lua, do Sul, de Vidro, da Manhã, do Interior, de Ninguém, da Serra, "
    "em Flor, do Tejo, de Papel",
)
_JAPANESE = _pools(
    sky="雲, 星, 月, 夜, 海, 風, 雨, 光, 夏, 冬, 春, 秋, 花, 影, 空, 森, 波, 雪, 朝, 夢, 街, 窓",
    of="の上, の手紙, の記憶, の約束, の向こう, の歌, の色, の電車, の終わり, の匂い, の地図, の庭, のない日, まで, と君, に咲く, を待つ",
    kana="サイダー, プリズム, シグナル, モノクロ, ラジオ, メロウ, スロウ, ハロー, レイニー, ネオン, カーテン, "
    "エンドロール, ブルー, パレード",
    act="夜行少年, 雲の上, 月曜図書館, 青い電話, 紙の船, 透明商店街, 銀河食堂, 水曜日の猫, 白夜急行, "
    "海辺の郵便局, 雨宿り楽団, 東の窓, 金木犀通り, 星屑倉庫",
    last="篠宮, 高坂, 水瀬, 早見, 小鳥遊, 朝比奈, 橘, 藤代, 真城, 久遠, 如月, 神崎",
    first="あおい, 律, 湊, 紬, 澪, 朔, 凛, 千歳, 奏, 灯, 透, 雫",
)
_ARABIC = _pools(
    first="أمل, ليلى, سامر, نور, ريم, هادي, سلمى, يوسف, مها, كريم, رنا, طارق, جنى, عمر",
    last="حداد, الشامي, منصور, العطار, نجم, البيروتي, سعادة, الخياط, درويش, الزين, مراد, الحلبي",
    noun="قمر, طريق, ليل, بحر, حلم, شتاء, صوت, باب, وردة, مدينة, رسالة, سماء, ضوء, موعد, حكاية, نافذة, غيمة",
    of="الياسمين, البحر, الغياب, بيروت, الصباح, الحنين, المطر, النسيان, القلب, آخر الليل, الصيف, العودة, الذاكرة",
    say="لا تنسى, يا ليل, وين رايح, خليني معك, بعدك هون, مين قال, شو صار, على مهلك, كل يوم, رجعلي, كنا صغار",
)
_POLISH = _pools(
    band="Żywiec Radio, Cisza Po, Błękitny Tramwaj, Księżyc Nad Łodzią, Ślady, Mgła i Miód, Papierowe Miasto, Źródła, "
    "Późny Autobus, Wschodni Peron, Ćma, Sad Wiśniowy, Zielone Światło, Ósma Rano",
    first="Zofia, Łucja, Kacper, Bożena, Świętosław, Małgorzata, Wit, Żaneta, Ignacy, Jagoda",
    last="Wrzosek, Ślązak, Kępa, Borówka, Jaśkiewicz, Mrozowska, Dąbek, Źrebiec, Łęcki, Sowińska",
    noun="Noc, Deszcz, Rzeka, Dom, List, Sen, Światło, Wiatr, Okno, Jesień, Popiół, Śnieg, Brzeg, Cień, Pociąg, Ogród, Gwiazdy, Mgła",
    of="w Gdańsku, bez Ciebie, na Końcu Świata, Nad Wisłą, o Świcie, z Papieru, po Burzy, w Kieszeni, na Dworcu, pod "
    "Lodem, we Mgle, od Nowa",
)
_GERMAN = _pools(
    band="Nachtfähre, Ostkreuz Chor, Leise Maschinen, Tante Elster, Grünspan Kapelle, Kellerlicht, Später Sommer, Die "
    "Übersetzer, Möwen & Maschinen, Blaupause Süd, Hinterhofgold, Zweites Frühstück",
    first="Greta, Jonas, Ulrike, Levin, Käthe, Böhme, Änne, Malte, Frieda, Till",
    last="Sandmann, Überwasser, Rosenbrück, Köhlbrand, Amselgruber, Nordhoff, Süßmilch, Feldmann, Grünewald, Möhring",
    noun="Regen, Fenster, Nachtzug, Sommer, Straße, Lichter, Küste, Stille, Wolken, Herbst, Telefon, Schatten, Brücke, "
    "Garten, Morgen, Räume, Wände",
    of="am Meer, über Leipzig, ohne Ende, für Anna, im Hof, bei Nacht, aus Glas, nach Osten, und Staub, im August, "
    "hinter Glas, zum Abschied",
)
_FRENCH = _pools(
    band="Les Heures Creuses, Café Marée, Nuit Bleue, Été Lointain, Les Voisins du Cinquième, Velours Côtier, Machine à "
    "Pluie, Rue des Étoiles, Petite Éclipse, Le Grand Hôtel",
    first="Élodie, Célestin, Maëlle, Baptiste, Anaïs, Octave, Noémie, Gaëtan, Solène, Zoé",
    last="Delacôte, Fontanel, Rivoire, Saint-Amour, Bréhat, Lécuyer, Vauquelin, Marchemont, Périgord, Aubépine",
    noun="La Mer, Le Ciel, Minuit, La Plage, Un Été, Le Train, L'Ombre, La Pluie, Les Toits, Le Silence, Une Lettre, "
    "L'Hiver, La Chambre, Dimanche",
    of="à Paris, sans toi, de loin, en couleur, après nous, d'Amérique, au matin, dans le noir, du Nord, encore, qui danse, de velours",
)
_SPANISH = _pools(
    band="Niño Cometa, Las Orillas, Café Ceniza, Los Últimos Faros, Mañana Azul, Pájaro Lento, Cumbia Lunar, Barrio Sur, "
    "Señal de Humo, El Año Nuevo",
    first="Jimena, Íñigo, Lucía, Ramón, Begoña, Matías, Ximena, Andrés, Paloma, Joaquín",
    last="Montalvo, Ibáñez, Peñaranda, Quiroga, Salvatierra, Núñez, Arístegui, Del Río, Zúñiga, Valdeón",
    noun="Corazón, Noche, Calle, Luna, Verano, Fuego, Camino, Playa, Ceniza, Sueño, Ciudad, Ventana, Tormenta, Canción, Orilla, Jardín",
    of="de Sal, sin Ti, del Sur, en Llamas, de Abril, que Vuelve, de Cristal, en la Lluvia, y Humo, de Madrugada, sin Nombre, del Mar",
)
_NORDIC = _pools(
    band="Snöfall, Fjordlund Kvartett, Tysta Gatan, Åska, Norðurljós, Blåbärsskogen, Långa Nätter, Sjö & Himmel, Vinterhamn, Stilla Öar",
    first="Astrid, Åke, Sólveig, Björn, Märta, Øystein, Linnéa, Göran, Freyja, Söla",
    last="Lindqvist, Ångström, Eiríksdóttir, Nordenskog, Sjölund, Håkansdotter, Bergvall, Ljungblad, Østergård, Fjeld",
    noun="Vinter, Natt, Hav, Skog, Ljus, Sommar, Regn, Tåg, Snö, Hem, Vind, Stjärnor, Dimma, Öar, Rök, Fönster",
    of="i Göteborg, utan slut, över sjön, om våren, av glas, i mars, med dig, från norr, igen, på landet, före gryningen",
)
_KOREAN = _pools(
    act="새벽정류장, 은하수상회, 하얀파도, 골목산책, 오후의온도, 종이비행, 달빛서점, 푸른창문, 느린우체국, 겨울바다",
    noun="밤, 별, 바다, 비, 봄, 계절, 편지, 골목, 달, 기억, 오후, 창문, 여름, 노래, 하루, 꿈",
    of="의 끝, 에게, 을 걷다, 처럼, 이 오면, 너머, 의 온도, 그리고 너, 에서, 없는 날, 속으로",
)
_LABELS = _pools(
    word="Drift, Parallax, Cobalt, Vapour, Lattice, Ember, Phase, Halcyon, Delta, Mirage, Orbit, Kelvin, Pulse, Nadir, "
    "Ozone, Tessera, Umbra, Quartz, Solstice, Fathom, Isobar, Meridian, Cirrus, Basalt",
    tag="Theory, Unit, Systems, 88, Division, Room, FM, Assembly, Drive, Cult, Hour, Field",
    mix="II, (Night Version), 04:15, Pt. 1, Pt. 2, (Extended), Zero, North, (Reprise), Loop, 128, Redux",
)

SCENES: tuple[Scene, ...] = (
    Scene("indie", ("indie rock", "indie pop"), 64, (1998, 2024), 3.7, "GB", _BANDS, _ENGLISH_TITLES, _ENGLISH),
    Scene("folk", ("indie folk", "singer-songwriter"), 44, (1992, 2024), 3.9, "US", _SOLO, _ENGLISH_TITLES, _ENGLISH),
    Scene("pop", ("pop", "dance pop"), 46, (2004, 2025), 3.2, "US", _SOLO, _ENGLISH_TITLES, _ENGLISH),
    Scene("soul", ("neo soul", "r&b"), 32, (1971, 2024), 3.8, "US", (*_SOLO, "{noun} {plural}"), _ENGLISH_TITLES, _ENGLISH),
    Scene(
        "classic",
        ("classic rock", "soft rock"),
        30,
        (1967, 1989),
        4.2,
        "GB",
        ("The {plural}", "{adj} {noun}", "{last} & {last}"),
        _ENGLISH_TITLES,
        _ENGLISH,
    ),
    Scene(
        "electronic",
        ("downtempo", "house"),
        42,
        (1994, 2025),
        5.1,
        "DE",
        ("{word}", "{word} {tag}", "{word} & {word}"),
        ("{word}", "{word} {mix}", "{word} {tag}", "{word} {word}"),
        _LABELS,
    ),
    Scene(
        "ambient",
        ("ambient", "modern classical"),
        24,
        (1979, 2024),
        4.8,
        "IS",
        ("{first} {last}", "{band}"),
        ("{noun}", "{noun} {of}", "{noun} & {noun}"),
        _NORDIC,
    ),
    Scene(
        "lusofonia",
        ("mpb", "fado"),
        34,
        (1969, 2024),
        3.6,
        "PT",
        ("{first} {last}", "{first} {last}", "Trio {last}"),
        ("{noun} {of}", "{masc} {of}", "{noun}", "{masc}", "{noun} e {masc}"),
        _PORTUGUESE,
    ),
    Scene(
        "japanese",
        ("j-indie", "city pop"),
        30,
        (1978, 2025),
        4.1,
        "JP",
        ("{act}", "{last}{first}", "{kana}{sky}"),
        ("{sky}{of}", "{sky}と{sky}", "{kana}", "{kana}{sky}"),
        _JAPANESE,
    ),
    Scene(
        "arabic",
        ("arab indie", "tarab"),
        24,
        (1975, 2024),
        4.6,
        "LB",
        ("{first} {last}",),
        ("{noun} {of}", "{say}", "{noun}", "{noun} و{noun}"),
        _ARABIC,
    ),
    Scene(
        "polish",
        ("polish alternative",),
        22,
        (1985, 2024),
        3.8,
        "PL",
        ("{band}", "{first} {last}"),
        ("{noun} {of}", "{noun}", "{noun} i {noun}"),
        _POLISH,
    ),
    Scene(
        "german",
        ("deutschpop", "krautrock"),
        20,
        (1972, 2024),
        4.0,
        "DE",
        ("{band}", "{first} {last}"),
        ("{noun} {of}", "{noun}", "{noun} und {noun}"),
        _GERMAN,
    ),
    Scene(
        "french", ("chanson", "french pop"), 20, (1970, 2024), 3.5, "FR", ("{band}", "{first} {last}"), ("{noun} {of}", "{noun}"), _FRENCH
    ),
    Scene(
        "latin",
        ("latin alternative", "cumbia"),
        26,
        (1988, 2025),
        3.4,
        "MX",
        ("{band}", "{first} {last}"),
        ("{noun} {of}", "{noun}", "{noun} y {noun}"),
        _SPANISH,
    ),
    Scene(
        "nordic",
        ("scandipop", "nordic folk"),
        18,
        (1995, 2025),
        3.5,
        "SE",
        ("{band}", "{first} {last}"),
        ("{noun} {of}", "{noun}", "{noun} & {noun}"),
        _NORDIC,
    ),
    Scene("korean", ("k-indie",), 16, (2006, 2025), 3.6, "KR", ("{act}",), ("{noun}{of}", "{noun}", "{noun}과 {noun}"), _KOREAN),
)

#: Podcasts: name, publisher, subjects of the episodes, minutes, whether it is filmed.
SHOWS: tuple[tuple[str, str, str, int, bool], ...] = (
    (
        "The Slow Atlas",
        "Paper Harbour",
        "salt roads, the last ferry, a town that moved, bridges, borders, lost capitals",
        46,
        False,
    ),
    (
        "Kitchen Science Hour",
        "Mara Quill",
        "why bread rises, browning, fermentation, ice, the onion problem, smoke",
        38,
        True,
    ),
    ("Nordlys", "Radio Fjeld", "mørketid, hvalfangst, polarlys, isbjørner, kysten, reindrift", 31, False),
    ("Two Desks", "Hartigan & Okonjo", "meetings, quitting well, first jobs, praise, naming things, the long lunch, feedback", 52, True),
    ("Histórias do Tejo", "Varanda Sonora", "o terramoto, as cheias, os mercados, pontes, cafés antigos, faróis", 34, False),
    ("Case Unfiled", "Rookwood Audio", "the clockmaker, room 12, a borrowed name, the lighthouse log, missing scores", 58, False),
    ("Footnotes", "Ottilie Strand", "the index, pencils, forgotten translators, errata, margins, library fires", 41, False),
    ("Studio Późno", "Żywiec Radio", "winyl, bębny, cisza, archiwum, pierwsza płyta, próba", 44, True),
    ("Ten Good Minutes", "Freya Penhallow", "breathing, walking, letters, waiting, mornings, small talk", 11, False),
    ("Second Half", "Terrace FM", "away days, the offside line, penalties, old grounds, managers, derby week", 63, True),
)
