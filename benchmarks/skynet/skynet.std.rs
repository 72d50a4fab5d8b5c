//! Skynet: a tree of operating system threads, ten children a node. Each leaf reports
//! its number to its parent, each node the sum of its children's reports. It measures
//! what it costs to start a thread, and to keep many alive.
//!
//!     skynet LEAVES
//!
//! Fairness:
//! - Every node of the tree is a thread, the leaves too, and each inner node has one
//!   channel for its ten children.
//! - The clock starts before the root is started and stops when main has its report,
//!   which is the last message.
//! - The channels are unbounded, as Seq's are: a send never waits.
//! - The threads are counted, not calculated: a report is the sum of the leaf numbers
//!   and the number of nodes that it stands for.
//! - Threads are detached, as strands are: nobody waits for them but by their reports.
//! - A system holds some ten thousand threads at once (on Linux see kernel.pid_max), and
//!   how much of the tree is alive at once is up to its scheduler. 10,000 leaves fit.

use std::fmt::Display;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;
use std::{env, process, thread};

const CHILDREN: i64 = 10;
const MAX_LEAVES: i64 = 1_000_000;

struct Report {
    sum: i64,
    nodes: i64,
}

/// Take what the system or a channel gives. No failure is dropped: a run without all
/// its threads or messages prints no time.
fn must<T, E: Display>(outcome: Result<T, E>) -> T {
    outcome.unwrap_or_else(|error| {
        eprintln!("skynet: {error}");
        process::exit(1)
    })
}

fn start(work: impl FnOnce() + Send + 'static) {
    must(thread::Builder::new().spawn(work));
}

/// Report for this many leaves, numbered from `first`.
fn node(parent: &Sender<Report>, leaves: i64, first: i64) {
    if leaves == 1 {
        must(parent.send(Report {
            sum: first,
            nodes: 1,
        }));
        return;
    }
    let (report, reports) = channel();
    let share = leaves / CHILDREN;
    for child in 0..CHILDREN {
        let report = report.clone();
        start(move || node(&report, share, first + child * share));
    }
    let mut total = Report { sum: 0, nodes: 1 };
    for _ in 0..CHILDREN {
        let report = must(reports.recv());
        total.sum += report.sum;
        total.nodes += report.nodes;
    }
    must(parent.send(total));
}

/// A power of ten from 1 to 1,000,000, written plainly. With any other number the
/// division by ten would miss 1 and the tree would never end.
fn parse_leaves(text: &str) -> Option<i64> {
    let number = text.parse::<i64>().ok()?;
    let plain = (1..=MAX_LEAVES).contains(&number) && number.to_string() == text;
    (plain && 10_i64.pow(number.ilog10()) == number).then_some(number)
}

fn main() {
    let mut arguments = env::args().skip(1);
    let leaves = match (arguments.next(), arguments.next()) {
        (Some(text), None) => parse_leaves(&text),
        _ => None,
    };
    let Some(leaves) = leaves else {
        eprintln!("usage: skynet LEAVES (a power of ten, 1 to 1000000)");
        process::exit(2)
    };

    let clock = Instant::now();
    let (report, root) = channel();
    start(move || node(&report, leaves, 0));
    let Report { sum, nodes } = must(root.recv());
    let elapsed = clock.elapsed();

    println!("result: {sum}\nelapsed_ns: {}", elapsed.as_nanos());
    println!("tasks: {nodes}\nmessages: {nodes}"); // each node sends its one report
}
