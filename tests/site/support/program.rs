//! The program itself, as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program on a database, in a folder.
pub(crate) fn payband(url: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payband"));
    command
        .current_dir(folder)
        .env("DATABASE_URL", url)
        .env("PAYBAND_DATA_DIR", folder.join("data"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    command
}

/// One sentence on standard error, the exit code, and no panic.
#[track_caller]
pub(crate) fn assert_fails(output: &Output, code: i32, sentence: &str) {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(sentence), "{error}");
    assert!(!error.contains("panicked"), "{error}");
    let sentences = error
        .lines()
        .filter(|line| line.starts_with("payband: "))
        .count();
    assert_eq!(sentences, 1, "{error}");
}

/// A program that is killed when the test ends.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Asks the program to end.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server and waits for its address.
pub(crate) fn serve(command: &mut Command) -> (Running, String) {
    serve_with_log(command, Stdio::null())
}

/// The same, with a place for what it logs.
pub(crate) fn serve_with_log(command: &mut Command, log: impl Into<Stdio>) -> (Running, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let running = Running(child);
    let line = lines.next().unwrap().unwrap();
    let address = line
        .strip_prefix("payband is at http://")
        .unwrap()
        .to_owned();
    (running, address)
}

/// The head and the body of a page, over a plain connection.
pub(crate) fn fetch(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
