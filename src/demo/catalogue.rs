//! The tables behind the demo's market: who works in it, with what, where, when and for how much.
//!
//! All of it is invented, after the proportions of real markets. Money is gross US dollars a month, factors of
//! pay are thousandths, and weights are relative to the others of their table.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::market::words::Seniority;

/// The calendar years of the demo, oldest first.
pub(super) const YEARS: [i32; 2] = [2023, 2024];

/// Technologies that go along with another, each with its share of candidates in percent.
pub(super) type Companions = &'static [(&'static str, i64)];

/// A role and its market.
pub(super) struct Role {
    /// The role's slug.
    pub(super) slug: &'static str,
    /// Weights of junior, middle, senior and expert candidates.
    pub(super) mix: [i64; 4],
    /// Percent of the candidates with several counted offers who answer the net survey.
    pub(super) survey: i64,
    /// What people of the role work with, whatever their primary technology.
    pub(super) companions: Companions,
    /// The primary technologies; a candidate has one of them.
    pub(super) stacks: &'static [Stack],
}

/// A role's primary technology and its market.
pub(super) struct Stack {
    /// The technology's slug.
    pub(super) technology: &'static str,
    /// Counted gross offers in each of [`YEARS`], for the demo's default size.
    pub(super) offers: [i64; 2],
    /// Median of the counted gross offers in each of [`YEARS`].
    pub(super) medians: [i64; 2],
    /// Counted gross offers of the last year for every hundred candidates.
    pub(super) proposals: i64,
    /// What goes along with this technology.
    pub(super) companions: Companions,
}

const fn stack(
    technology: &'static str,
    offers: [i64; 2],
    medians: [i64; 2],
    proposals: i64,
    companions: Companions,
) -> Stack {
    Stack {
        technology,
        offers,
        medians,
        proposals,
        companions,
    }
}

/// A role's mix where beginners are many.
const YOUNG: [i64; 4] = [22, 38, 31, 9];
/// The usual mix.
const USUAL: [i64; 4] = [13, 36, 38, 13];
/// A role's mix where few begin.
const SEASONED: [i64; 4] = [6, 30, 45, 19];

/// What a seniority means for a candidate.
pub(super) struct Level {
    /// The seniority.
    pub(super) seniority: Seniority,
    /// Factor of pay.
    pub(super) pay: i64,
    /// Least and most experience, half years.
    pub(super) half_years: (i64, i64),
    /// Weights of the levels of English, from none to C2.
    pub(super) english: [i64; 7],
}

/// The seniorities, in the order of [`Role::mix`].
pub(super) const LEVELS: [Level; 4] = [
    Level {
        seniority: Seniority::Junior,
        pay: 550,
        half_years: (0, 4),
        english: [3, 6, 16, 34, 32, 8, 1],
    },
    Level {
        seniority: Seniority::Middle,
        pay: 850,
        half_years: (3, 11),
        english: [1, 3, 9, 28, 43, 14, 2],
    },
    Level {
        seniority: Seniority::Senior,
        pay: 1180,
        half_years: (8, 26),
        english: [1, 1, 4, 17, 45, 27, 5],
    },
    Level {
        seniority: Seniority::Expert,
        pay: 1500,
        half_years: (14, 44),
        english: [0, 1, 2, 10, 38, 37, 12],
    },
];

/// Factors of pay by level of English, from none to C2.
pub(super) const ENGLISH_PAY: [i64; 7] = [880, 900, 930, 965, 1000, 1040, 1060];

/// Weights of the levels of English where it is spoken at home.
pub(super) const ENGLISH_AT_HOME: [i64; 7] = [0, 0, 0, 1, 6, 25, 68];

/// A country where candidates live.
pub(super) struct Country {
    /// ISO 3166-1 alpha-2 code.
    pub(super) code: &'static str,
    /// Weight among the countries.
    pub(super) weight: i64,
    /// Factor of pay.
    pub(super) pay: i64,
    /// Whether English is spoken at home.
    pub(super) speaks_english: bool,
}

const fn country(code: &'static str, weight: i64, pay: i64) -> Country {
    Country {
        code,
        weight,
        pay,
        speaks_english: false,
    }
}

const fn english_speaking(code: &'static str, weight: i64, pay: i64) -> Country {
    Country {
        code,
        weight,
        pay,
        speaks_english: true,
    }
}

/// The countries.
pub(super) const COUNTRIES: &[Country] = &[
    country("UA", 230, 940),
    country("PL", 120, 1030),
    country("RO", 60, 980),
    country("ES", 42, 1020),
    country("PT", 38, 1010),
    country("DE", 46, 1160),
    english_speaking("GB", 44, 1200),
    english_speaking("US", 40, 1360),
    country("BG", 34, 960),
    country("CZ", 30, 1050),
    country("RS", 28, 960),
    country("GE", 24, 900),
    country("KZ", 20, 860),
    country("TR", 26, 900),
    country("BR", 30, 930),
    country("AR", 26, 910),
    country("LT", 18, 1020),
    country("LV", 12, 1000),
    country("EE", 13, 1070),
    country("HU", 14, 990),
    country("SK", 10, 1000),
    country("HR", 9, 990),
    country("MD", 11, 880),
    country("AM", 12, 900),
    country("NL", 16, 1180),
    country("FR", 14, 1090),
    country("IT", 14, 1010),
    country("GR", 9, 970),
    country("CY", 9, 1090),
    country("IL", 11, 1230),
    country("SE", 8, 1120),
    country("CH", 4, 1420),
    english_speaking("CA", 12, 1220),
    english_speaking("IE", 6, 1190),
    english_speaking("AU", 5, 1210),
    country("MX", 10, 940),
    country("CO", 9, 890),
    country("IN", 34, 800),
    country("PK", 13, 740),
    country("VN", 9, 800),
    country("PH", 8, 780),
    country("EG", 8, 760),
    country("NG", 6, 750),
    country("KE", 4, 770),
    country("JP", 3, 1100),
];

/// Numbers of offers of a candidate who receives any, with their weights.
pub(super) const OFFERS_OF_A_CANDIDATE: [(usize, i64); 13] = [
    (1, 410),
    (2, 235),
    (3, 135),
    (4, 76),
    (5, 46),
    (6, 30),
    (7, 20),
    (8, 14),
    (9, 10),
    (10, 8),
    (11, 6),
    (12, 4),
    (14, 3),
];

/// Currencies that some think in: thousandths of a dollar for one unit and the step of round amounts, with weights.
pub(super) const CURRENCIES: [((i64, i64), i64); 3] =
    [((1082, 100), 5), ((1268, 100), 2), ((251, 500), 3)];

/// Percent of candidates with offers who accept the last of them.
pub(super) const ACCEPTED_PERCENT: i64 = 22;

/// Percent of the other offers that are rejected.
pub(super) const REJECTED_PERCENT: i64 = 16;

/// Percent of a candidate's later offers before which they ask for a little more.
pub(super) const RAISED_PERCENT: i64 = 20;

/// The longest time between a candidate's first drawn offer and any other, days.
pub(super) const SEARCH_DAYS: i64 = 45;

/// The least that anybody asks for, USD a month.
pub(super) const LEAST_PAY: i64 = 200;

/// The least of gross pay that is left after taxes, percent; the most is nine points higher.
pub(super) const LEAST_NET_PERCENT: i64 = 75;

/// How likely an offer is on a day, as a weight of at most 1,200.
pub(super) fn day_weight(day: NaiveDate) -> i64 {
    let holidays = day.month() == 12 && day.day() >= 22;
    match day.weekday() {
        Weekday::Sat | Weekday::Sun => season(day.month()),
        _ if holidays => 3 * season(day.month()),
        _ => 9 * season(day.month()),
    }
}

/// How busy a month of the year is, 1 to 12.
const fn season(month: u32) -> i64 {
    match month {
        1 => 92,
        2 => 108,
        3 => 121,
        4 => 116,
        5 => 104,
        6 => 94,
        7 => 82,
        8 => 66,
        9 => 114,
        10 => 122,
        11 => 112,
        _ => 84,
    }
}

/// The roles.
pub(super) const ROLES: &[Role] = &[
    Role {
        slug: "back-end-web",
        mix: USUAL,
        survey: 60,
        companions: SERVER,
        stacks: &[
            stack("django", [508, 571], [7410, 7707], 100, DJANGO),
            stack("fastapi", [129, 180], [7150, 7450], 118, FASTAPI),
            stack("flask", [107, 96], [6100, 6250], 92, FLASK),
            stack("python", [164, 173], [5600, 5800], 96, PYTHON),
            stack("php", [407, 348], [3850, 3900], 74, PHP),
            stack("laravel", [348, 363], [4150, 4300], 86, LARAVEL),
            stack("symfony", [127, 119], [4700, 4850], 104, SYMFONY),
            stack("wordpress", [162, 125], [2850, 2900], 61, WORDPRESS),
            stack("magento", [48, 36], [4300, 4400], 98, MAGENTO),
            stack("nodejs", [560, 599], [5150, 5350], 102, NODE),
            stack("nestjs", [94, 132], [5500, 5750], 112, NEST),
            stack("java", [466, 472], [5700, 5900], 99, JAVA),
            stack("kotlin", [49, 64], [6350, 6600], 124, KOTLIN),
            stack("dotnet", [448, 457], [5350, 5550], 101, DOTNET),
            stack("go", [195, 252], [6650, 7000], 142, GO),
            stack("rust", [50, 70], [7250, 7600], 131, RUST),
            stack("scala", [70, 56], [7450, 7650], 122, SCALA),
            stack("ruby-on-rails", [151, 114], [6300, 6400], 108, RAILS),
            stack("elixir", [32, 30], [6500, 6700], 129, ELIXIR),
            stack("cpp", [39, 37], [6000, 6150], 96, CPP),
            stack("perl", [9, 6], [5200, 5100], 75, OLD_SERVER),
            stack("clojure", [6, 4], [7300, 7400], 100, OLD_SERVER),
            stack("haskell", [4, 3], [6900, 7100], 75, OLD_SERVER),
            stack("erlang", [3, 2], [6800, 6900], 100, OLD_SERVER),
        ],
    },
    Role {
        slug: "front-end",
        mix: YOUNG,
        survey: 64,
        companions: BROWSER,
        stacks: &[
            stack("react", [787, 811], [4650, 4750], 71, REACT),
            stack("nextjs", [85, 120], [5050, 5250], 96, NEXT),
            stack("angular", [293, 286], [4950, 5050], 94, ANGULAR),
            stack("vue", [254, 234], [4450, 4550], 78, VUE),
            stack("javascript", [129, 101], [3150, 3200], 48, SCRIPT),
            stack("svelte", [15, 21], [4900, 5100], 79, SVELTE),
            stack("html", [57, 43], [1900, 1900], 36, MARKUP),
            stack("ember", [4, 3], [4800, 4750], 75, MARKUP),
        ],
    },
    Role {
        slug: "full-stack",
        mix: USUAL,
        survey: 60,
        companions: WHOLE,
        stacks: &[
            stack("nodejs", [356, 396], [5150, 5350], 104, REACT_NODE),
            stack("django", [81, 90], [6350, 6600], 98, DJANGO_REACT),
            stack("python", [72, 85], [5750, 6000], 102, PYTHON_REACT),
            stack("java", [140, 143], [5650, 5800], 96, JAVA_ANGULAR),
            stack("dotnet", [201, 205], [5400, 5600], 103, DOTNET_ANGULAR),
            stack("laravel", [133, 129], [4300, 4400], 84, LARAVEL_VUE),
            stack("ruby-on-rails", [68, 52], [6250, 6350], 111, RAILS_REACT),
            stack("meteor", [4, 2], [4700, 4600], 67, REACT_NODE),
        ],
    },
    Role {
        slug: "mobile",
        mix: USUAL,
        survey: 60,
        companions: PHONE,
        stacks: &[
            stack("android", [254, 247], [5150, 5300], 92, ANDROID),
            stack("ios", [238, 240], [5350, 5500], 96, IOS),
            stack("flutter", [162, 187], [4450, 4650], 88, FLUTTER),
            stack("react-native", [155, 164], [4850, 5000], 97, REACT_NATIVE),
            stack("xamarin", [31, 21], [4300, 4250], 79, XAMARIN),
            stack("ionic", [9, 5], [3900, 3900], 63, XAMARIN),
        ],
    },
    Role {
        slug: "devops",
        mix: SEASONED,
        survey: 56,
        companions: CLOUD,
        stacks: &[
            stack("aws", [385, 413], [6250, 6450], 124, AWS),
            stack("kubernetes", [162, 195], [6600, 6850], 131, KUBERNETES),
            stack("azure", [118, 132], [6150, 6350], 118, AZURE),
            stack("gcp", [63, 73], [6350, 6550], 121, GCP),
            stack("linux", [103, 85], [4300, 4350], 83, ON_PREMISES),
            stack("openstack", [8, 6], [5200, 5200], 86, ON_PREMISES),
        ],
    },
    Role {
        slug: "data-science",
        mix: USUAL,
        survey: 56,
        companions: LEARNING,
        stacks: &[
            stack("python", [136, 140], [5350, 5500], 79, STATISTICS),
            stack("pytorch", [50, 60], [5850, 6050], 88, TORCH),
            stack("tensorflow", [46, 36], [5450, 5500], 80, TENSORFLOW),
            stack("r", [20, 15], [4450, 4500], 67, R),
            stack("julia", [2, 3], [5900, 6000], 75, R),
        ],
    },
    Role {
        slug: "machine-learning",
        mix: USUAL,
        survey: 60,
        companions: LEARNING,
        stacks: &[
            stack("pytorch", [105, 140], [6250, 6550], 102, TORCH),
            stack("tensorflow", [52, 40], [5750, 5850], 86, TENSORFLOW),
            stack("llm", [70, 98], [7050, 7550], 128, LANGUAGE_MODELS),
            stack("opencv", [42, 43], [5400, 5550], 87, VISION),
        ],
    },
    Role {
        slug: "data-engineering",
        mix: SEASONED,
        survey: 56,
        companions: PIPES,
        stacks: &[
            stack("python", [151, 162], [6000, 6200], 112, PYTHON_DATA),
            stack("spark", [101, 105], [6600, 6800], 121, SPARK),
            stack("snowflake", [48, 67], [6700, 7000], 135, WAREHOUSE),
            stack("databricks", [39, 55], [6800, 7100], 132, SPARK),
            stack("sql", [63, 54], [4500, 4550], 84, DATABASES),
            stack("hadoop", [8, 4], [6100, 6050], 80, SPARK),
        ],
    },
    Role {
        slug: "data-analysis",
        mix: YOUNG,
        survey: 60,
        companions: REPORTS,
        stacks: &[
            stack("sql", [129, 136], [3150, 3250], 62, ANALYSIS),
            stack("power-bi", [90, 99], [3300, 3400], 69, POWER_BI),
            stack("python", [72, 79], [3850, 4000], 71, PYTHON_REPORTS),
            stack("tableau", [57, 48], [3600, 3650], 70, TABLEAU),
            stack("excel", [39, 31], [2250, 2250], 45, POWER_BI),
            stack("looker", [9, 11], [4000, 4100], 85, TABLEAU),
        ],
    },
    Role {
        slug: "automation-qa",
        mix: USUAL,
        survey: 60,
        companions: TESTS,
        stacks: &[
            stack("java", [195, 186], [4450, 4550], 93, JAVA_TESTS),
            stack("python", [144, 153], [4500, 4650], 96, PYTHON_TESTS),
            stack("javascript", [122, 125], [4350, 4450], 94, SCRIPT_TESTS),
            stack("typescript", [57, 79], [4800, 5000], 112, TYPED_TESTS),
            stack("csharp", [72, 70], [4600, 4700], 98, DOTNET_TESTS),
            stack("load-testing", [16, 19], [4700, 4800], 94, LOAD_TESTS),
        ],
    },
    Role {
        slug: "manual-qa",
        mix: YOUNG,
        survey: 64,
        companions: HAND_TESTS,
        stacks: &[
            stack("web-testing", [341, 310], [2350, 2400], 52, WEB_TESTS),
            stack("mobile-testing", [162, 155], [2550, 2600], 58, PHONE_TESTS),
            stack("game-testing", [42, 37], [1950, 2000], 49, GAME_TESTS),
            stack("vr-testing", [3, 4], [2400, 2500], 80, GAME_TESTS),
        ],
    },
    Role {
        slug: "embedded",
        mix: SEASONED,
        survey: 51,
        companions: BOARDS,
        stacks: &[
            stack("c", [144, 149], [4450, 4600], 97, BOARD_C),
            stack("cpp", [114, 118], [5100, 5300], 103, BOARD_CPP),
            stack("embedded-linux", [57, 61], [5400, 5600], 111, BOARD_LINUX),
            stack("fpga", [20, 21], [5200, 5350], 90, HARDWARE),
            stack("rust", [4, 5], [6200, 6500], 100, BOARD_CPP),
        ],
    },
    Role {
        slug: "game-development",
        mix: USUAL,
        survey: 51,
        companions: GAMES,
        stacks: &[
            stack("unity", [195, 179], [4250, 4300], 84, UNITY),
            stack("unreal-engine", [79, 90], [5050, 5250], 101, UNREAL),
            stack("godot", [8, 11], [3300, 3400], 69, GODOT),
            stack("cocos", [4, 3], [3600, 3550], 60, GODOT),
        ],
    },
    Role {
        slug: "desktop",
        mix: USUAL,
        survey: 0,
        companions: DESKTOP,
        stacks: &[
            stack("csharp", [68, 63], [4450, 4550], 88, WINDOWS),
            stack("cpp", [72, 70], [5150, 5250], 95, QT),
            stack("delphi", [14, 11], [3450, 3450], 69, OTHER_DESKTOP),
            stack("electron", [12, 13], [4500, 4600], 87, OTHER_DESKTOP),
        ],
    },
    Role {
        slug: "information-security",
        mix: SEASONED,
        survey: 51,
        companions: DEFENCE,
        stacks: &[
            stack("siem", [46, 52], [4650, 4850], 104, WATCH),
            stack("penetration-testing", [42, 44], [4900, 5050], 100, ATTACK),
            stack("cloud-security", [26, 36], [5900, 6150], 122, WATCH),
        ],
    },
    Role {
        slug: "system-administration",
        mix: YOUNG,
        survey: 0,
        companions: ADMINISTRATION,
        stacks: &[
            stack("linux", [72, 66], [2850, 2900], 61, ON_PREMISES),
            stack("windows-server", [46, 39], [2200, 2250], 49, ON_PREMISES),
            stack("cisco", [22, 20], [2500, 2550], 58, ON_PREMISES),
        ],
    },
    Role {
        slug: "ui-ux-design",
        mix: YOUNG,
        survey: 64,
        companions: DESIGN,
        stacks: &[
            stack("figma", [271, 278], [2950, 3050], 57, FIGMA),
            stack("adobe-photoshop", [37, 28], [2050, 2050], 43, OTHER_DESIGN),
            stack("webflow", [17, 23], [2700, 2800], 58, FIGMA),
            stack("sketch", [8, 5], [3300, 3250], 63, OTHER_DESIGN),
        ],
    },
    Role {
        slug: "project-management",
        mix: SEASONED,
        survey: 56,
        companions: PLANNING,
        stacks: &[
            stack("scrum", [184, 173], [3650, 3700], 68, NONE),
            stack("agile", [101, 98], [3900, 4000], 72, NONE),
            stack("kanban", [28, 26], [3500, 3550], 64, NONE),
        ],
    },
    Role {
        slug: "product-management",
        mix: SEASONED,
        survey: 56,
        companions: PRODUCT,
        stacks: &[
            stack("product-strategy", [81, 85], [4750, 4900], 76, NONE),
            stack("product-analytics", [57, 66], [4600, 4800], 79, NONE),
            stack("growth", [15, 17], [4900, 5100], 84, NONE),
        ],
    },
    Role {
        slug: "business-analysis",
        mix: USUAL,
        survey: 56,
        companions: REQUIREMENTS,
        stacks: &[
            stack("requirements-engineering", [90, 92], [3400, 3500], 69, NONE),
            stack("bpmn", [39, 37], [3500, 3600], 72, NONE),
            stack("salesforce", [17, 20], [4300, 4450], 90, NONE),
            stack("sap", [8, 9], [4600, 4700], 90, NONE),
        ],
    },
];

/// For primary technologies that say enough.
const NONE: Companions = &[];

/// Names lists of companions, each of them a technology with its share in percent.
macro_rules! companions {
    ($($name:ident = $($technology:literal $percent:literal),+;)+) => {
        $(const $name: Companions = &[$(($technology, $percent)),+];)+
    };
}

companions! {
    SERVER = "git" 46, "docker" 52, "rest" 31, "redis" 27, "linux" 19, "aws" 29, "kubernetes" 15,
        "rabbitmq" 13, "kafka" 10, "elasticsearch" 9, "graphql" 8, "gcp" 7, "azure" 5, "nginx" 9,
        "github-actions" 8, "gitlab-ci" 8;
    DJANGO = "python" 97, "django-rest-framework" 68, "postgresql" 63, "celery" 45, "mysql" 12, "pytest" 21,
        "javascript" 17, "html" 11, "fastapi" 15;
    FASTAPI = "python" 98, "postgresql" 60, "sqlalchemy" 54, "pytest" 28, "asyncio" 33, "mongodb" 16,
        "celery" 17;
    PYTHON = "postgresql" 46, "sqlalchemy" 25, "pytest" 22, "mongodb" 14, "celery" 14, "pandas" 12,
        "numpy" 7;
    FLASK = "python" 97, "sqlalchemy" 48, "postgresql" 44, "mysql" 17, "celery" 18, "mongodb" 12;
    PHP = "mysql" 67, "javascript" 38, "html" 27, "css" 23, "jquery" 21, "postgresql" 12, "composer" 11,
        "phpunit" 8;
    LARAVEL = "php" 96, "mysql" 69, "javascript" 34, "vue" 29, "postgresql" 17, "composer" 14, "phpunit" 13;
    SYMFONY = "php" 97, "mysql" 55, "doctrine" 47, "postgresql" 30, "phpunit" 24, "composer" 14;
    WORDPRESS = "php" 88, "mysql" 56, "javascript" 46, "html" 45, "css" 44, "jquery" 35, "woocommerce" 27;
    MAGENTO = "php" 95, "mysql" 66, "javascript" 33, "html" 18, "composer" 17;
    NODE = "typescript" 68, "javascript" 64, "express" 49, "nestjs" 33, "postgresql" 41, "mongodb" 39,
        "mysql" 15, "react" 14, "jest" 14, "socket-io" 6;
    NEST = "nodejs" 93, "typescript" 92, "postgresql" 55, "mongodb" 27, "jest" 22, "prisma" 16,
        "typeorm" 31;
    JAVA = "spring-boot" 77, "hibernate" 46, "postgresql" 43, "mysql" 21, "maven" 26, "oracle" 14,
        "junit" 25, "microservices" 24;
    KOTLIN = "java" 58, "spring-boot" 61, "postgresql" 44, "gradle" 29, "ktor" 14, "junit" 19;
    DOTNET = "csharp" 91, "asp-net" 71, "entity-framework" 46, "sql-server" 54, "postgresql" 17,
        "javascript" 14, "microservices" 18;
    GO = "postgresql" 53, "grpc" 39, "microservices" 31, "mongodb" 15, "mysql" 13, "prometheus" 12,
        "clickhouse" 8, "python" 11;
    RUST = "postgresql" 43, "tokio" 46, "axum" 19, "grpc" 18, "web-assembly" 9, "solana" 8, "python" 10;
    SCALA = "java" 31, "akka" 44, "spark" 21, "postgresql" 36, "cats-effect" 26, "sbt" 16;
    RAILS = "ruby" 95, "postgresql" 67, "sidekiq" 46, "rspec" 45, "javascript" 27, "mysql" 13, "react" 12;
    ELIXIR = "phoenix" 72, "postgresql" 61, "erlang" 21, "ecto" 28;
    CPP = "boost" 30, "qt" 14, "python" 19, "grpc" 12, "sql" 10;
    OLD_SERVER = "postgresql" 40, "mysql" 30, "python" 15, "bash" 22;
    BROWSER = "git" 44, "html" 52, "css" 51, "sass" 27, "webpack" 19, "rest" 22, "figma" 13, "jest" 19,
        "vite" 12, "graphql" 12, "tailwind-css" 11, "nodejs" 9, "cypress" 6;
    REACT = "javascript" 76, "typescript" 72, "redux" 55, "nextjs" 29, "mobx" 7, "react-query" 13,
        "material-ui" 15, "storybook" 9;
    NEXT = "react" 94, "typescript" 83, "javascript" 61, "redux" 25, "vercel" 8;
    ANGULAR = "typescript" 89, "rxjs" 62, "ngrx" 36, "javascript" 57, "angular-material" 17;
    VUE = "javascript" 78, "typescript" 57, "nuxt" 33, "vuex" 29, "pinia" 21;
    SCRIPT = "jquery" 34, "typescript" 31, "react" 21, "bootstrap" 24, "wordpress" 9;
    SVELTE = "typescript" 70, "javascript" 65, "sveltekit" 42;
    MARKUP = "javascript" 60, "jquery" 41, "bootstrap" 34, "wordpress" 22;
    WHOLE = "git" 45, "docker" 40, "html" 34, "css" 33, "rest" 25, "aws" 27, "postgresql" 34, "redis" 16,
        "graphql" 14, "github-actions" 8, "kubernetes" 8;
    REACT_NODE = "react" 92, "typescript" 74, "javascript" 66, "express" 39, "mongodb" 37, "nextjs" 28,
        "nestjs" 24, "mysql" 12;
    DJANGO_REACT = "python" 97, "javascript" 63, "django-rest-framework" 54, "react" 47, "typescript" 30,
        "celery" 27, "vue" 12;
    JAVA_ANGULAR = "spring-boot" 72, "angular" 41, "react" 37, "typescript" 48, "javascript" 46,
        "hibernate" 29;
    DOTNET_ANGULAR = "csharp" 90, "asp-net" 66, "angular" 42, "react" 30, "typescript" 49, "javascript" 44,
        "sql-server" 47, "entity-framework" 33;
    LARAVEL_VUE = "php" 96, "vue" 55, "javascript" 63, "mysql" 66, "react" 16, "typescript" 22;
    RAILS_REACT = "ruby" 95, "javascript" 58, "react" 48, "rspec" 31, "sidekiq" 27, "typescript" 24;
    PYTHON_REACT = "react" 44, "javascript" 55, "typescript" 36, "flask" 27, "fastapi" 31, "mongodb" 16;
    PHONE = "git" 43, "rest" 34, "firebase" 41, "figma" 14, "graphql" 9, "cicd" 13, "jira" 17, "sqlite" 11,
        "fastlane" 8;
    ANDROID = "kotlin" 88, "java" 47, "jetpack-compose" 51, "coroutines" 44, "dagger" 35, "room" 26,
        "rxjava" 22;
    IOS = "swift" 95, "swiftui" 49, "uikit" 52, "combine" 27, "objective-c" 22, "core-data" 24, "xcode" 15;
    FLUTTER = "dart" 93, "bloc" 43, "android" 21, "ios" 20, "kotlin" 9, "swift" 8;
    REACT_NATIVE = "javascript" 70, "typescript" 67, "react" 58, "redux" 47, "expo" 22, "android" 17,
        "ios" 16;
    XAMARIN = "csharp" 92, "dotnet" 60, "android" 25, "ios" 21, "maui" 22;
    CLOUD = "docker" 74, "linux" 61, "terraform" 57, "kubernetes" 53, "git" 36, "ansible" 38, "jenkins" 30,
        "prometheus" 34, "grafana" 35, "cicd" 33, "bash" 34, "python" 30, "helm" 24, "gitlab-ci" 22,
        "github-actions" 16, "nginx" 19, "argo-cd" 11, "postgresql" 10;
    AWS = "cloudformation" 13, "aws-lambda" 17, "amazon-web-services-elastic-kubernetes-service" 3;
    KUBERNETES = "aws" 54, "gcp" 22, "azure" 17, "istio" 14,
        "amazon-web-services-elastic-kubernetes-service" 2;
    AZURE = "azure-devops" 48, "powershell" 31, "bicep" 9;
    GCP = "bigquery" 12, "cloud-run" 11;
    ON_PREMISES = "vmware" 13, "zabbix" 15, "puppet" 9;
    LEARNING = "python" 92, "numpy" 44, "pandas" 46, "sql" 39, "git" 27, "docker" 24, "scikit-learn" 47,
        "aws" 16, "matplotlib" 17, "jupyter" 16, "spark" 9;
    TORCH = "computer-vision" 32, "nlp" 31, "transformers" 26, "cuda" 14, "opencv" 20, "tensorflow" 29,
        "mlflow" 11, "onnx" 8;
    TENSORFLOW = "keras" 46, "computer-vision" 31, "opencv" 24, "nlp" 22, "pytorch" 27;
    LANGUAGE_MODELS = "langchain" 48, "nlp" 53, "transformers" 44, "pytorch" 42, "fastapi" 26,
        "vector-databases" 24;
    VISION = "computer-vision" 82, "pytorch" 47, "cpp" 26, "tensorflow" 27, "cuda" 15;
    STATISTICS = "statistics" 36, "xgboost" 27, "pytorch" 24, "tensorflow" 18, "tableau" 12, "airflow" 9,
        "a-b-testing" 15;
    R = "statistics" 62, "tidyverse" 41, "shiny" 18;
    PIPES = "sql" 71, "docker" 33, "git" 26, "aws" 38, "kafka" 27, "postgresql" 36, "airflow" 46, "etl" 39,
        "gcp" 15, "azure" 14, "terraform" 10, "kubernetes" 10;
    SPARK = "python" 73, "scala" 31, "hadoop" 34, "databricks" 32, "hive" 17, "java" 16, "delta-lake" 12;
    PYTHON_DATA = "spark" 31, "dbt" 22, "pandas" 35, "snowflake" 18, "bigquery" 16, "clickhouse" 8;
    WAREHOUSE = "python" 62, "dbt" 44, "spark" 19, "bigquery" 14, "looker" 9;
    DATABASES = "oracle" 29, "sql-server" 34, "ssis" 18, "power-bi" 15, "python" 31;
    REPORTS = "sql" 77, "excel" 48, "python" 34, "google-analytics" 14, "a-b-testing" 11, "jira" 9,
        "statistics" 18;
    POWER_BI = "dax" 47, "sql-server" 22, "power-query" 29;
    TABLEAU = "postgresql" 17, "snowflake" 9, "looker" 9;
    PYTHON_REPORTS = "pandas" 61, "numpy" 31, "power-bi" 28, "tableau" 24, "jupyter" 22, "bigquery" 14;
    ANALYSIS = "power-bi" 34, "tableau" 25, "postgresql" 19, "bigquery" 14, "vba" 6, "looker" 6;
    TESTS = "git" 37, "cicd" 26, "sql" 29, "jira" 26, "postman" 27, "api-testing" 32, "docker" 20,
        "jenkins" 23, "allure" 15, "bdd" 11, "performance-testing" 6, "github-actions" 9;
    JAVA_TESTS = "selenium" 76, "rest-assured" 46, "testng" 42, "junit" 33, "selenide" 30, "cucumber" 20,
        "maven" 28;
    PYTHON_TESTS = "selenium" 62, "pytest" 79, "playwright" 22, "robot-framework" 17, "appium" 9;
    SCRIPT_TESTS = "typescript" 47, "cypress" 48, "playwright" 43, "webdriverio" 22, "selenium" 27;
    TYPED_TESTS = "playwright" 66, "javascript" 41, "cypress" 38, "k6" 8;
    DOTNET_TESTS = "dotnet" 62, "selenium" 70, "nunit" 48, "specflow" 26, "playwright" 15;
    LOAD_TESTS = "jmeter" 72, "k6" 28, "gatling" 24, "grafana" 25;
    HAND_TESTS = "jira" 61, "test-cases" 47, "postman" 45, "sql" 34, "api-testing" 31, "test-rail" 25,
        "regression-testing" 28, "git" 12, "swagger" 14, "chrome-devtools" 24, "confluence" 15;
    WEB_TESTS = "cross-browser-testing" 37, "html" 12, "css" 9, "charles" 13;
    PHONE_TESTS = "android" 49, "ios" 46, "charles" 31, "android-studio" 17, "xcode" 11;
    GAME_TESTS = "unity" 27, "steam" 18;
    BOARDS = "linux" 40, "git" 38, "python" 26, "bash" 11, "uart" 17, "spi" 17, "docker" 8, "cmake" 15;
    BOARD_C = "cpp" 48, "stm32" 45, "freertos" 33, "rtos" 32, "arm" 30, "esp32" 15, "bluetooth" 12;
    BOARD_CPP = "c" 62, "qt" 22, "rtos" 26, "embedded-linux" 27, "stm32" 24, "arm" 19, "yocto" 12,
        "autosar" 8;
    BOARD_LINUX = "c" 71, "yocto" 45, "buildroot" 18, "cpp" 39, "arm" 26, "device-drivers" 24;
    HARDWARE = "verilog" 44, "vhdl" 47, "systemverilog" 18, "xilinx" 27;
    GAMES = "git" 45, "jira" 16, "blender" 11, "photon" 7, "perforce" 8, "oop" 13, "game-design" 10,
        "shaders" 9;
    UNITY = "csharp" 90, "dotween" 12, "zenject" 26, "addressables" 17, "unity-ui" 15, "android" 14,
        "ios" 10;
    UNREAL = "cpp" 81, "blueprints" 63, "multiplayer" 17, "csharp" 9;
    GODOT = "gdscript" 73, "csharp" 25;
    DESIGN = "figma" 40, "prototyping" 42, "wireframing" 33, "user-research" 26, "adobe-photoshop" 34,
        "adobe-illustrator" 30, "design-systems" 23, "jira" 8, "usability-testing" 14;
    FIGMA = "miro" 17, "adobe-xd" 17, "principle" 6, "webflow" 9;
    OTHER_DESIGN = "sketch" 24, "adobe-after-effects" 25, "invision" 9;
    PLANNING = "jira" 62, "agile" 54, "scrum" 51, "confluence" 41, "kanban" 31, "risk-management" 20,
        "budgeting" 14, "stakeholder-management" 18, "trello" 12, "ms-project" 9;
    PRODUCT = "jira" 49, "product-strategy" 35, "roadmapping" 36, "a-b-testing" 29, "google-analytics" 28,
        "figma" 21, "agile" 31, "sql" 19, "user-research" 24, "amplitude" 14, "confluence" 18;
    REQUIREMENTS = "jira" 51, "confluence" 46, "bpmn" 37, "uml" 36, "user-stories" 35, "sql" 28, "agile" 29,
        "figma" 20, "scrum" 22, "miro" 17, "postman" 11, "swagger" 9;
    DEFENCE = "linux" 37, "python" 31, "network-security" 34, "owasp" 28, "burp-suite" 23, "nmap" 14,
        "docker" 13, "bash" 15, "wireshark" 12, "iso-27001" 17, "aws" 18;
    ATTACK = "metasploit" 34, "kali-linux" 42, "bug-bounty" 11;
    WATCH = "splunk" 43, "elastic-stack" 25, "incident-response" 38, "mitre-attack" 22;
    ADMINISTRATION = "linux" 44, "windows-server" 35, "active-directory" 30, "bash" 26, "docker" 21,
        "zabbix" 22, "vmware" 21, "nginx" 16, "cisco" 14, "powershell" 18, "ansible" 12, "mikrotik" 12,
        "postgresql" 8, "office-365" 12;
    DESKTOP = "git" 42, "sql" 21, "oop" 20, "multithreading" 19, "sqlite" 13, "docker" 7, "linux" 16;
    WINDOWS = "dotnet" 77, "wpf" 63, "winforms" 36, "mvvm" 31, "sql-server" 27, "entity-framework" 18;
    QT = "qt" 70, "qml" 28, "boost" 27, "cmake" 32, "stl" 24, "opencv" 8;
    OTHER_DESKTOP = "sql-server" 21, "javascript" 15, "typescript" 9;
}
