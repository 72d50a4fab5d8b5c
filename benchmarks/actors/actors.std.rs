//! Actors: many long-lived operating system threads, each with a channel of its own, to
//! which one driver sends message after message. It measures what a message to an actor
//! costs and at how many messages an actor has earned its start back.
//!
//!     actors ACTORS MESSAGES
//!
//! Fairness:
//! - The clock starts before the first channel is made and stops when the driver and
//!   every actor have reported: starting the actors is part of the time.
//! - The channels are unbounded, as Seq's are: a send never waits.
//! - The driver yields once after each pass over all actors, as in Seq, so that they
//!   can run between the passes.
//! - An actor knows how many messages it gets, so there is no sentinel.
//! - The driver counts what it sends and main the reports; the result holds only if
//!   every actor received each of its messages once.

use std::fmt::Display;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use std::{env, process, thread};

const MAX_COUNT: i64 = 1_000_000;

/// Take what the system or a channel gives. No failure is dropped: a run without all
/// its threads or messages prints no time.
fn must<T, E: Display>(outcome: Result<T, E>) -> T {
    outcome.unwrap_or_else(|error| {
        eprintln!("actors: {error}");
        process::exit(1)
    })
}

fn start(work: impl FnOnce() + Send + 'static) {
    must(thread::Builder::new().spawn(work));
}

/// Add up the messages and return the sum.
fn actor(messages: i64, inbox: &Receiver<i64>) -> i64 {
    (0..messages).map(|_| must(inbox.recv())).sum()
}

/// Start all actors, then send each one the number of each pass.
fn driver(actors: i64, messages: i64, sum: &Sender<i64>) -> i64 {
    let mut inboxes = Vec::new();
    for _ in 0..actors {
        let (outbox, inbox) = channel();
        let sum = sum.clone();
        start(move || must(sum.send(actor(messages, &inbox))));
        inboxes.push(outbox);
    }
    let mut sent = 0;
    for pass in 1..=messages {
        for inbox in &inboxes {
            must(inbox.send(pass));
            sent += 1;
        }
        thread::yield_now();
    }
    sent
}

struct Outcome {
    sent: i64,
    reported: i64,
    total: i64,
}

/// Start the driver and wait for every report.
fn play(actors: i64, messages: i64) -> Outcome {
    let (sum, sums) = channel();
    let (report, reports) = channel();
    start(move || must(report.send(driver(actors, messages, &sum))));

    let mut outcome = Outcome {
        sent: must(reports.recv()),
        reported: 0,
        total: 0,
    };
    while outcome.reported < actors {
        outcome.total += must(sums.recv());
        outcome.reported += 1;
    }
    outcome
}

/// A number from 1 to 1,000,000, written plainly: no "007", no "+5". With larger ones
/// the result would not fit Seq's integers of 63 bits.
fn parse_count(text: &str) -> Option<i64> {
    let number = text.parse::<i64>().ok()?;
    ((1..=MAX_COUNT).contains(&number) && number.to_string() == text).then_some(number)
}

fn main() {
    let mut arguments = env::args().skip(1).map(|text| parse_count(&text));
    let (Some(Some(actors)), Some(Some(messages)), None) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("usage: actors ACTORS MESSAGES (integers, 1 to 1000000)");
        process::exit(2)
    };

    let clock = Instant::now();
    let outcome = play(actors, messages);
    let elapsed = clock.elapsed();

    println!(
        "result: {}\nelapsed_ns: {}",
        outcome.total,
        elapsed.as_nanos()
    );
    println!("tasks: {}", outcome.reported + 1); // the driver has reported as well
    println!("messages: {}", outcome.sent + outcome.reported);
}
