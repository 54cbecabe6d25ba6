//! Idle readers of `/live`, for `scripts/bench`: `readers ADDRESS PAGE COUNT` opens so many streams, says so, and keeps
//! them open until it is stopped.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(page), Some(count)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        // `cargo bench` runs it without any.
        println!("usage: readers ADDRESS PAGE COUNT");
        return Ok(());
    };
    let count = count.parse().unwrap_or(0);
    let mut streams = Vec::with_capacity(count);
    while streams.len() < count {
        streams.push(open(&address, &page)?);
    }
    println!("{count} connected");
    std::io::stdout().flush()?;
    loop {
        std::thread::sleep(Duration::from_hours(1));
    }
}

/// Opens a stream of events and waits for its head.
fn open(address: &str, page: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET /live?page={page} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n"
    )?;
    let mut lines = BufReader::with_capacity(512, &stream).lines();
    let status = lines.next().transpose()?.unwrap_or_default();
    if !status.contains(" 200 ") {
        return Err(std::io::Error::other(status));
    }
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    Ok(stream)
}
