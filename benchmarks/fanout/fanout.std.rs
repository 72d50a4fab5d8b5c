//! Fan-out: one producer, many workers, one channel that they all receive from. It
//! measures the throughput of a channel under contention and how evenly the scheduler
//! shares the work out.
//!
//!     fanout WORKERS MESSAGES
//!
//! Fairness:
//! - The standard library's channel has one receiver, so the workers share it behind a
//!   lock, which is the usual way: the one that holds the lock waits for the message.
//! - The clock starts before the channels are made and stops when the producer and
//!   every worker have reported: after the last receive, not the last send.
//! - The channels are unbounded, as Seq's are: a send never waits.
//! - A worker yields after each message, as in Seq.
//! - The producer ends the work with one -1 for each worker, as in Seq.
//! - The producer counts what it sent and the workers what they received; `result` and
//!   `messages` agree only if no message was lost or delivered twice.

use std::fmt::Display;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use std::{env, process, thread};

const SENTINEL: i64 = -1;

/// Take what the system, a lock or a channel gives. No failure is dropped: a run
/// without all its threads or messages prints no time.
fn must<T, E: Display>(outcome: Result<T, E>) -> T {
    outcome.unwrap_or_else(|error| {
        eprintln!("fanout: {error}");
        process::exit(1)
    })
}

fn start(work: impl FnOnce() + Send + 'static) {
    must(thread::Builder::new().spawn(work));
}

fn receive(inbox: &Mutex<Receiver<i64>>) -> i64 {
    must(must(inbox.lock()).recv())
}

fn worker(inbox: &Mutex<Receiver<i64>>) -> i64 {
    let mut received = 0;
    while receive(inbox) >= 0 {
        received += 1;
        thread::yield_now();
    }
    received
}

fn producer(workers: i64, messages: i64, inbox: &Sender<i64>) -> i64 {
    let mut sent = 0;
    while sent < messages {
        must(inbox.send(sent));
        sent += 1;
    }
    for _ in 0..workers {
        must(inbox.send(SENTINEL));
    }
    sent
}

struct Outcome {
    sent: i64,
    reported: i64,
    total: i64,
    least: i64,
    most: i64,
}

/// Start everything and wait for every report.
fn play(workers: i64, messages: i64) -> Outcome {
    let (outbox, inbox) = channel();
    let inbox = Arc::new(Mutex::new(inbox));
    let (count, counts) = channel();
    for _ in 0..workers {
        let (inbox, count) = (Arc::clone(&inbox), count.clone());
        start(move || must(count.send(worker(&inbox))));
    }
    let (report, reports) = channel();
    start(move || must(report.send(producer(workers, messages, &outbox))));

    let mut outcome = Outcome {
        sent: must(reports.recv()),
        reported: 0,
        total: 0,
        least: messages, // no worker can have more than all messages
        most: 0,
    };
    while outcome.reported < workers {
        let received = must(counts.recv());
        outcome.reported += 1;
        outcome.total += received;
        outcome.least = outcome.least.min(received);
        outcome.most = outcome.most.max(received);
    }
    outcome
}

/// A number of 1 or more, written plainly: no "007", no "+5".
fn parse_count(text: &str) -> Option<i64> {
    let number = text.parse::<i64>().ok()?;
    (number >= 1 && number.to_string() == text).then_some(number)
}

fn main() {
    let mut arguments = env::args().skip(1).map(|text| parse_count(&text));
    let (Some(Some(workers)), Some(Some(messages)), None) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("usage: fanout WORKERS MESSAGES (integers, 1 or more)");
        process::exit(2)
    };

    let clock = Instant::now();
    let outcome = play(workers, messages);
    let elapsed = clock.elapsed();

    println!(
        "result: {}\nelapsed_ns: {}",
        outcome.total,
        elapsed.as_nanos()
    );
    println!("tasks: {}", outcome.reported + 1); // the producer has reported as well
    println!("messages: {}\nworkers: {}", outcome.sent, outcome.reported);
    println!("least: {}\nmost: {}", outcome.least, outcome.most);
}
