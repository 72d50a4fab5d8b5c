//! Skynet: a tree of coroutines, ten children a node. Each leaf reports its number
//! to its parent, each node the sum of its children's reports. It measures what it
//! costs to start a coroutine, and to keep very many alive.
//!
//!     skynet LEAVES
//!
//! This is skynet.seq without Seq: the same library, with Seq's settings.
//!
//! Fairness:
//! - Every node of the tree is a coroutine, the leaves too, and each inner node has
//!   one channel for its ten children.
//! - The clock starts before the root is spawned and stops when its report is in,
//!   which is the last message. It is awaited in a coroutine, as in Seq.
//! - The channels are the unbounded MPMC ones that Seq's are made of.
//! - The coroutines are counted, not calculated: see `COUNT_BITS`.

use std::time::Instant;

use may::go;
use may::sync::mpmc::{Sender, channel};
use protocol::{arguments, in_may, must, parse_count, print};

const CHILDREN: i64 = 10;
const MAX_LEAVES: i64 = 1_000_000;

// A report is the sum of the leaf numbers shifted left by COUNT_BITS, plus the
// number of nodes that it stands for. One addition then adds both, so that counting
// costs a shift and an addition at each leaf, and nothing elsewhere. 2**22 is above
// 1,111,111 nodes, and the largest report is below 2**62.
const COUNT_BITS: u32 = 22;
const COUNT_MASK: i64 = (1 << COUNT_BITS) - 1;

/// A node with this many leaves under it, numbered from `first`.
fn node(parent: &Sender<i64>, leaves: i64, first: i64) {
    if leaves == 1 {
        return must(parent.send((first << COUNT_BITS) + 1));
    }
    let (report, reports) = channel();
    let share = leaves / CHILDREN;
    for child in 0..CHILDREN {
        let report = report.clone();
        go!(move || node(&report, share, first + child * share));
    }
    let mut total = 1;
    for _ in 0..CHILDREN {
        total += must(reports.recv());
    }
    must(parent.send(total));
}

/// A power of ten from 1 to `MAX_LEAVES`. With any other number the division by ten
/// would miss 1 and the tree would never end.
fn parse_leaves(text: &str) -> Option<i64> {
    let is_power = |n: &i64| 10_i64.pow(n.ilog10()) == *n;
    parse_count(text).filter(|n| *n <= MAX_LEAVES && is_power(n))
}

fn main() {
    let [leaves] = arguments("skynet LEAVES (a power of ten, 1 to 1000000)", parse_leaves);

    let (total, elapsed) = in_may(move || {
        let start = Instant::now();
        let (report, reports) = channel();
        go!(move || node(&report, leaves, 0));
        let total = must(reports.recv());
        (total, start.elapsed())
    });

    let nodes = total & COUNT_MASK;
    // Each node sends its one report.
    print(
        total >> COUNT_BITS,
        elapsed,
        &[("tasks", nodes), ("messages", nodes)],
    );
}
