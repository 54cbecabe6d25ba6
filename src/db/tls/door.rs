//! Where libpq knocks: a place that only this process's user can reach.

use std::io;

#[cfg(not(unix))]
pub(super) use loopback::{Door, Near};
#[cfg(unix)]
pub(super) use socket::{Door, Near};

/// The place in libpq's words.
#[derive(Debug)]
pub(in crate::db) struct Address {
    pub(in crate::db) host: String,
    pub(in crate::db) port: String,
    /// Removes the socket's folder in the end.
    #[cfg(unix)]
    _folder: tempfile::TempDir,
}

/// A socket in a folder that is closed to other users.
#[cfg(unix)]
mod socket {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::{Address, io};

    pub(in super::super) type Door = tokio::net::UnixListener;
    pub(in super::super) type Near = tokio::net::UnixStream;

    impl Address {
        /// Opens a door, named as libpq looks for it. To be called within a runtime.
        pub(in super::super) fn open(port: u16) -> io::Result<(Self, Door)> {
            let folder = tempfile::Builder::new()
                .prefix("payband-")
                .permissions(Permissions::from_mode(0o700))
                .tempdir()?;
            let door = Door::bind(folder.path().join(format!(".s.PGSQL.{port}")))?;
            let address = Self {
                host: folder.path().display().to_string(),
                port: port.to_string(),
                _folder: folder,
            };
            Ok((address, door))
        }
    }
}

/// A port of this machine.
#[cfg(not(unix))]
mod loopback {
    use super::{Address, io};

    pub(in super::super) type Door = tokio::net::TcpListener;
    pub(in super::super) type Near = tokio::net::TcpStream;

    impl Address {
        /// Opens a door. To be called within a runtime.
        pub(in super::super) fn open(_port: u16) -> io::Result<(Self, Door)> {
            let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            let place = listener.local_addr()?;
            let address = Self {
                host: place.ip().to_string(),
                port: place.port().to_string(),
            };
            Ok((address, Door::from_std(listener)?))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[actix_web::test]
    async fn the_door_is_closed_to_other_users() {
        let (address, _door) = Address::open(5432).unwrap();
        let folder = std::path::Path::new(&address.host);
        assert!(folder.join(".s.PGSQL.5432").exists());
        let mode = folder.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
