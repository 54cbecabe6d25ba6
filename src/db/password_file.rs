//! libpq's password file, looked into for a server that libpq reaches through a tunnel and so cannot find in it.

use std::path::Path;

use super::tls::Tls;
use super::url::Parameters;

/// The password for a server, where neither the address nor the environment has one and the file does.
pub(super) fn lookup(parameters: &Parameters<'_>, tls: &Tls) -> Option<String> {
    if parameters.get("password", "PGPASSWORD").is_some() {
        return None;
    }
    let file = match parameters.get("passfile", "PGPASSFILE") {
        Some(file) => file.into(),
        None => parameters.usual_file(".pgpass")?,
    };
    let user = parameters
        .get("user", "PGUSER")
        .or_else(|| parameters.get("user", "USER"))?;
    let database = parameters.get("dbname", "PGDATABASE");
    let database = database.unwrap_or_else(|| user.clone());
    let text = read(&file)?;
    let wanted = [tls.name(), &tls.port.to_string(), &database, &user];
    text.lines().find_map(|line| password_of(line, wanted))
}

/// The file's text, unless others may read it too.
fn read(file: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(file).ok()?.permissions().mode() & 0o077 != 0 {
            log::warn!(
                "the password file {} is not used, because others than its owner may read it",
                file.display()
            );
            return None;
        }
    }
    std::fs::read_to_string(file).ok()
}

/// The password of a line `host:port:database:user:password` that fits. Each of the first four may be `*`, and a `:` or a
/// `\` inside of a field has a `\` in front.
fn password_of(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = fields(line).into_iter();
    let fits = wanted.iter().all(|wanted| {
        fields
            .next()
            .is_some_and(|field| field == "*" || field == *wanted)
    });
    fields.next().filter(|_| fits)
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, fields.last_mut()) {
            (':', _) => fields.push(String::new()),
            ('\\', Some(field)) => field.extend(characters.next()),
            (other, Some(field)) => field.push(other),
            (_, None) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_by_its_first_four_fields() {
        let wanted = ["db.example", "5432", "jobs", "me"];
        let password = |line| password_of(line, wanted);
        assert_eq!(
            password("db.example:5432:jobs:me:a b").as_deref(),
            Some("a b")
        );
        assert_eq!(password(r"*:*:*:me:a\:b\\").as_deref(), Some(r"a:b\"));
        assert_eq!(password("db.example:5432:jobs:you:secret"), None);
        assert_eq!(password("# db.example:5432:jobs:me:secret"), None);
        assert_eq!(password("db.example:5432:jobs:me"), None);
        assert_eq!(password(""), None);
    }
}
