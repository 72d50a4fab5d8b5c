//! Ping-pong: two operating system threads pass messages back and forth over two
//! channels, and neither can go on before the other has answered. It measures the
//! latency of a channel together with the switch from one thread to the other.
//!
//!     pingpong ROUND_TRIPS
//!
//! Fairness:
//! - Both sides are spawned, as in Seq.
//! - The clock starts before the channels are made and stops when both sides have
//!   reported, so it spans every message.
//! - Each side counts what it receives: the result and the messages are counted.
//! - The channels are unbounded, as Seq's are: a send never waits.

use std::fmt::Display;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use std::{env, process, thread};

/// Take what the system or a channel gives. No failure is dropped: a run without all
/// its threads or messages prints no time.
fn must<T, E: Display>(outcome: Result<T, E>) -> T {
    outcome.unwrap_or_else(|error| {
        eprintln!("pingpong: {error}");
        process::exit(1)
    })
}

fn start(work: impl FnOnce() + Send + 'static) {
    must(thread::Builder::new().spawn(work));
}

/// Send, then wait for the answer.
fn pinger(rounds: i64, pings: &Sender<i64>, pongs: &Receiver<i64>) -> i64 {
    let mut received = 0;
    while received < rounds {
        must(pings.send(received));
        must(pongs.recv());
        received += 1;
    }
    received
}

/// Wait, then answer.
fn ponger(rounds: i64, pings: &Receiver<i64>, pongs: &Sender<i64>) -> i64 {
    let mut received = 0;
    while received < rounds {
        must(pings.recv());
        received += 1;
        must(pongs.send(received));
    }
    received
}

/// Start both sides and wait for both reports: the pings and the pongs received.
fn play(rounds: i64) -> (i64, i64) {
    let (ping, pings) = channel();
    let (pong, pongs) = channel();
    let (pinger_report, pinger_reports) = channel();
    let (ponger_report, ponger_reports) = channel();
    start(move || must(pinger_report.send(pinger(rounds, &ping, &pongs))));
    start(move || must(ponger_report.send(ponger(rounds, &pings, &pong))));
    (must(ponger_reports.recv()), must(pinger_reports.recv()))
}

/// A number of 1 or more, written plainly: no "007", no "+5".
fn parse_count(text: &str) -> Option<i64> {
    let number = text.parse::<i64>().ok()?;
    (number >= 1 && number.to_string() == text).then_some(number)
}

fn main() {
    let mut arguments = env::args().skip(1);
    let rounds = match (arguments.next(), arguments.next()) {
        (Some(text), None) => parse_count(&text),
        _ => None,
    };
    let Some(rounds) = rounds else {
        eprintln!("usage: pingpong ROUND_TRIPS (an integer, 1 or more)");
        process::exit(2)
    };

    let clock = Instant::now();
    let (pings, pongs) = play(rounds);
    let elapsed = clock.elapsed();

    // A round trip ends with its pong; there is a task for each of the two reports.
    println!("result: {pongs}\nelapsed_ns: {}", elapsed.as_nanos());
    println!("tasks: 2\nmessages: {}", pings + pongs);
}
