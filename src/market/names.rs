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
    ("asp-net", "ASP.NET"),
    ("aws", "AWS"),
    ("bdd", "BDD"),
    ("cpp", "C++"),
    ("cicd", "CI/CD"),
    ("csharp", "C#"),
    ("css", "CSS"),
    ("dbt", "dbt"),
    ("django-rest-framework", "Django REST Framework"),
    ("dotnet", ".NET"),
    ("fastapi", "FastAPI"),
    ("fsharp", "F#"),
    ("gcp", "Google Cloud"),
    ("github-actions", "GitHub Actions"),
    ("gitlab-ci", "GitLab CI"),
    ("graphql", "GraphQL"),
    ("html", "HTML"),
    ("ios", "iOS"),
    ("javascript", "JavaScript"),
    ("jquery", "jQuery"),
    ("junit", "JUnit"),
    ("mongodb", "MongoDB"),
    ("mysql", "MySQL"),
    ("nestjs", "NestJS"),
    ("nextjs", "Next.js"),
    ("nginx", "NGINX"),
    ("nodejs", "Node.js"),
    ("numpy", "NumPy"),
    ("opencv", "OpenCV"),
    ("php", "PHP"),
    ("postgresql", "PostgreSQL"),
    ("power-bi", "Power BI"),
    ("pytorch", "PyTorch"),
    ("rabbitmq", "RabbitMQ"),
    ("react-native", "React Native"),
    ("rest", "REST"),
    ("rtos", "RTOS"),
    ("ruby-on-rails", "Ruby on Rails"),
    ("scikit-learn", "scikit-learn"),
    ("sql", "SQL"),
    ("sqlite", "SQLite"),
    ("swiftui", "SwiftUI"),
    ("tensorflow", "TensorFlow"),
    ("typescript", "TypeScript"),
    ("vba", "VBA"),
    ("vue", "Vue.js"),
    ("wpf", "WPF"),
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
