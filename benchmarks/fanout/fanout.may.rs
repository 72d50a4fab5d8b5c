//! Fan-out: one producer, many workers, one channel that they all receive from.
//! It measures the throughput of a channel under contention and how evenly the
//! scheduler shares the work out.
//!
//!     fanout WORKERS MESSAGES
//!
//! This is fanout.seq without Seq: the same library, with Seq's settings.
//!
//! Fairness:
//! - The clock starts before the channels are made and stops when the producer and
//!   every worker have reported: after the last receive, not the last send.
//! - The channels are the unbounded MPMC ones that Seq's are made of.
//! - A worker yields after each message, as in Seq.
//! - The producer ends the work with one -1 for each worker instead of dropping the
//!   channel, as in Seq.
//! - The producer counts what it sent and the workers what they received; `result`
//!   and `messages` agree only if no message was lost or delivered twice.

use std::time::Instant;

use may::sync::mpmc::{Receiver, Sender, channel};
use may::{coroutine, go};
use protocol::{arguments, in_may, must, parse_count, print};

const SENTINEL: i64 = -1;

fn worker(inbox: &Receiver<i64>) -> i64 {
    let mut received = 0;
    while must(inbox.recv()) >= 0 {
        received += 1;
        coroutine::yield_now();
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
    let (count, counts) = channel();
    for _ in 0..workers {
        let (inbox, count) = (inbox.clone(), count.clone());
        go!(move || must(count.send(worker(&inbox))));
    }
    let (report, reports) = channel();
    go!(move || must(report.send(producer(workers, messages, &outbox))));

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

fn main() {
    let [workers, messages] =
        arguments("fanout WORKERS MESSAGES (integers, 1 or more)", parse_count);

    let (outcome, elapsed) = in_may(move || {
        let start = Instant::now();
        let outcome = play(workers, messages);
        (outcome, start.elapsed())
    });

    let ledger = [
        ("tasks", outcome.reported + 1), // the producer has reported as well
        ("messages", outcome.sent),
        ("workers", outcome.reported),
        ("least", outcome.least),
        ("most", outcome.most),
    ];
    print(outcome.total, elapsed, &ledger);
}
