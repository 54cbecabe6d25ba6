//! The program: runs one command, prints its error, exits with its code.

use std::process::ExitCode;

use clap::Parser;
use payband::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("payband: {}", failure.message);
            ExitCode::from(failure.exit_code)
        }
    }
}
