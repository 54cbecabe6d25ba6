//! Child processes that end with their handle, also when a test panics.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a program may take until it says where it listens.
const START: Duration = Duration::from_mins(1);

/// A running program.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program and waits for the line of its output that starts so; gives the rest of that line as well.
    pub(crate) fn start(command: &mut Command, line_start: &'static str) -> (Self, String) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let process = Self(child);
        let (said, heard) = mpsc::channel();
        // Reads to the end, so that the program never finds its output closed.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(rest) = line.strip_prefix(line_start) {
                    let _ = said.send(rest.trim().to_owned());
                }
            }
        });
        let rest = heard.recv_timeout(START).unwrap_or_else(|_| {
            panic!("{command:?} ended, or was silent for {START:?}, without \u{201c}{line_start}\u{201d}")
        });
        (process, rest)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
