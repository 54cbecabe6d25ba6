//! Readable names for slugs that an import meets for the first time. An editor may change them afterwards.

use crate::slug::Slug;

/// A role's name and the title of a person in it, for the roles that most markets know.
const ROLES: &[(&str, &str, &str)] = &[
    ("automation-qa", "Automation QA", "Automation QA Engineer"),
    ("back-end-web", "Back-End Web", "Back-End Web Developer"),
    ("business-analysis", "Business Analysis", "Business Analyst"),
    ("data-analysis", "Data Analysis", "Data Analyst"),
    ("data-engineering", "Data Engineering", "Data Engineer"),
    ("data-science", "Data Science", "Data Scientist"),
    ("desktop", "Desktop", "Desktop Developer"),
    ("devops", "DevOps", "DevOps Engineer"),
    ("embedded", "Embedded", "Embedded Developer"),
    ("front-end", "Front-End", "Front-End Developer"),
    ("full-stack", "Full-Stack", "Full-Stack Developer"),
    ("game-development", "Game Development", "Game Developer"),
    (
        "information-security",
        "Information Security",
        "Information Security Engineer",
    ),
    (
        "machine-learning",
        "Machine Learning",
        "Machine Learning Engineer",
    ),
    ("manual-qa", "Manual QA", "Manual QA Engineer"),
    ("mobile", "Mobile", "Mobile Developer"),
    (
        "product-management",
        "Product Management",
        "Product Manager",
    ),
    (
        "project-management",
        "Project Management",
        "Project Manager",
    ),
    (
        "software-engineering",
        "Software Engineering",
        "Software Engineer",
    ),
    (
        "system-administration",
        "System Administration",
        "System Administrator",
    ),
    ("ui-ux-design", "UI/UX Design", "UI/UX Designer"),
];

/// Technologies whose spelling is not their slug with capitals.
const TECHNOLOGIES: &[(&str, &str)] = &[
    ("a-b-testing", "A/B Testing"),
    ("adobe-xd", "Adobe XD"),
    ("api-testing", "API Testing"),
    ("argo-cd", "Argo CD"),
    ("arm", "ARM"),
    ("asp-net", "ASP.NET"),
    ("asyncio", "asyncio"),
    ("autosar", "AUTOSAR"),
    ("aws", "AWS"),
    ("aws-lambda", "AWS Lambda"),
    ("azure-devops", "Azure DevOps"),
    ("bdd", "BDD"),
    ("bigquery", "BigQuery"),
    ("bloc", "BLoC"),
    ("bpmn", "BPMN"),
    ("chrome-devtools", "Chrome DevTools"),
    ("cicd", "CI/CD"),
    ("clickhouse", "ClickHouse"),
    ("cloudformation", "CloudFormation"),
    ("cmake", "CMake"),
    ("cpp", "C++"),
    ("cross-browser-testing", "Cross-Browser Testing"),
    ("csharp", "C#"),
    ("css", "CSS"),
    ("cuda", "CUDA"),
    ("dax", "DAX"),
    ("dbt", "dbt"),
    ("django-rest-framework", "Django REST Framework"),
    ("dotnet", ".NET"),
    ("dotween", "DOTween"),
    ("esp32", "ESP32"),
    ("etl", "ETL"),
    ("fastapi", "FastAPI"),
    ("fpga", "FPGA"),
    ("freertos", "FreeRTOS"),
    ("fsharp", "F#"),
    ("gcp", "Google Cloud"),
    ("gdscript", "GDScript"),
    ("github-actions", "GitHub Actions"),
    ("gitlab-ci", "GitLab CI"),
    ("graphql", "GraphQL"),
    ("grpc", "gRPC"),
    ("html", "HTML"),
    ("invision", "InVision"),
    ("ios", "iOS"),
    ("iso-27001", "ISO 27001"),
    ("javascript", "JavaScript"),
    ("jmeter", "JMeter"),
    ("jquery", "jQuery"),
    ("junit", "JUnit"),
    ("k6", "k6"),
    ("langchain", "LangChain"),
    ("llm", "LLM"),
    ("material-ui", "Material UI"),
    ("maui", ".NET MAUI"),
    ("mikrotik", "MikroTik"),
    ("mitre-attack", "MITRE ATT&CK"),
    ("mlflow", "MLflow"),
    ("mobx", "MobX"),
    ("mongodb", "MongoDB"),
    ("ms-project", "MS Project"),
    ("mvvm", "MVVM"),
    ("mysql", "MySQL"),
    ("nestjs", "NestJS"),
    ("nextjs", "Next.js"),
    ("nginx", "NGINX"),
    ("ngrx", "NgRx"),
    ("nlp", "NLP"),
    ("nodejs", "Node.js"),
    ("numpy", "NumPy"),
    ("nunit", "NUnit"),
    ("objective-c", "Objective-C"),
    ("onnx", "ONNX"),
    ("oop", "OOP"),
    ("opencv", "OpenCV"),
    ("openstack", "OpenStack"),
    ("owasp", "OWASP"),
    ("php", "PHP"),
    ("phpunit", "PHPUnit"),
    ("postgresql", "PostgreSQL"),
    ("power-bi", "Power BI"),
    ("powershell", "PowerShell"),
    ("pytest", "pytest"),
    ("pytorch", "PyTorch"),
    ("qml", "QML"),
    ("rabbitmq", "RabbitMQ"),
    ("react-native", "React Native"),
    ("rest", "REST"),
    ("rest-assured", "REST Assured"),
    ("rspec", "RSpec"),
    ("rtos", "RTOS"),
    ("ruby-on-rails", "Ruby on Rails"),
    ("rxjava", "RxJava"),
    ("rxjs", "RxJS"),
    ("sap", "SAP"),
    ("sbt", "sbt"),
    ("scikit-learn", "scikit-learn"),
    ("siem", "SIEM"),
    ("socket-io", "Socket.IO"),
    ("specflow", "SpecFlow"),
    ("spi", "SPI"),
    ("sql", "SQL"),
    ("sql-server", "SQL Server"),
    ("sqlalchemy", "SQLAlchemy"),
    ("sqlite", "SQLite"),
    ("ssis", "SSIS"),
    ("stl", "STL"),
    ("stm32", "STM32"),
    ("sveltekit", "SvelteKit"),
    ("swiftui", "SwiftUI"),
    ("systemverilog", "SystemVerilog"),
    ("tailwind-css", "Tailwind CSS"),
    ("tensorflow", "TensorFlow"),
    ("test-rail", "TestRail"),
    ("testng", "TestNG"),
    ("typeorm", "TypeORM"),
    ("typescript", "TypeScript"),
    ("uart", "UART"),
    ("uikit", "UIKit"),
    ("uml", "UML"),
    ("unity-ui", "Unity UI"),
    ("vba", "VBA"),
    ("vhdl", "VHDL"),
    ("vmware", "VMware"),
    ("vr-testing", "VR Testing"),
    ("vue", "Vue.js"),
    ("web-assembly", "WebAssembly"),
    ("webdriverio", "WebdriverIO"),
    ("winforms", "WinForms"),
    ("woocommerce", "WooCommerce"),
    ("wordpress", "WordPress"),
    ("wpf", "WPF"),
    ("xgboost", "XGBoost"),
];

/// A role's readable name and the title of a person in it: `Back-End Web`, `Back-End Web Developer`.
#[must_use]
pub fn role(slug: &Slug) -> (String, String) {
    ROLES
        .iter()
        .find(|(known, ..)| *known == slug.as_str())
        .map_or_else(
            || {
                let name = capitalised(slug);
                let title = format!("{name} Developer");
                (name, title)
            },
            |(_, name, title)| ((*name).to_owned(), (*title).to_owned()),
        )
}

/// A technology's readable name: `PostgreSQL`.
#[must_use]
pub fn technology(slug: &Slug) -> String {
    TECHNOLOGIES
        .iter()
        .find(|(known, _)| *known == slug.as_str())
        .map_or_else(|| capitalised(slug), |(_, name)| (*name).to_owned())
}

/// The slug's words, each with a capital.
#[must_use]
pub fn capitalised(slug: &Slug) -> String {
    let words = slug.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_slugs_have_their_usual_spelling_and_others_capitals() {
        let slug = |text: &str| text.parse::<Slug>().unwrap();
        assert_eq!(technology(&slug("postgresql")), "PostgreSQL");
        assert_eq!(technology(&slug("ruby-on-rails")), "Ruby on Rails");
        assert_eq!(technology(&slug("spring-boot")), "Spring Boot");
        assert_eq!(role(&slug("devops")).1, "DevOps Engineer");
        assert_eq!(
            role(&slug("quantum-web")),
            ("Quantum Web".to_owned(), "Quantum Web Developer".to_owned())
        );
    }
}
