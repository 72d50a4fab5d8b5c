//! Actors: many long-lived coroutines, each with a channel of its own, to which one
//! driver sends message after message. It measures what a message to an actor costs
//! and at how many messages an actor has earned its start back.
//!
//!     actors ACTORS MESSAGES
//!
//! This is actors.seq without Seq: the same library, with Seq's settings.
//!
//! Fairness:
//! - The clock starts before the first channel is made and stops when the driver and
//!   every actor have reported: starting the actors is part of the time.
//! - The channels are the unbounded MPMC ones that Seq's are made of, though an
//!   inbox has one sender and one receiver.
//! - The driver yields once after each pass over all actors, as in Seq, so that they
//!   can run between the passes.
//! - An actor knows how many messages it gets, so there is no sentinel.
//! - The driver counts what it sends and `main` the reports; the result holds only if
//!   every actor received each of its messages once.

use std::time::Instant;

use may::sync::mpmc::{Receiver, Sender, channel};
use may::{coroutine, go};
use protocol::{arguments, in_may, must, parse_up_to_a_million, print};

/// Add up the messages.
fn actor(messages: i64, inbox: &Receiver<i64>) -> i64 {
    let mut sum = 0;
    for _ in 0..messages {
        sum += must(inbox.recv());
    }
    sum
}

/// Start all actors, then send each one the number of each pass.
fn driver(actors: i64, messages: i64, report: &Sender<i64>) -> i64 {
    let mut inboxes = Vec::new();
    for _ in 0..actors {
        let (outbox, inbox) = channel();
        let report = report.clone();
        go!(move || must(report.send(actor(messages, &inbox))));
        inboxes.push(outbox);
    }
    let mut sent = 0;
    for pass in 1..=messages {
        for inbox in &inboxes {
            must(inbox.send(pass));
            sent += 1;
        }
        coroutine::yield_now();
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
    go!(move || must(report.send(driver(actors, messages, &sum))));

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

fn main() {
    let [actors, messages] = arguments(
        "actors ACTORS MESSAGES (integers, 1 to 1000000)",
        parse_up_to_a_million,
    );

    let (outcome, elapsed) = in_may(move || {
        let start = Instant::now();
        let outcome = play(actors, messages);
        (outcome, start.elapsed())
    });

    let ledger = [
        ("tasks", outcome.reported + 1), // the driver has reported as well
        ("messages", outcome.sent + outcome.reported),
    ];
    print(outcome.total, elapsed, &ledger);
}
