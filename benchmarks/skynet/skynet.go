// Skynet: a tree of goroutines, ten children a node. Each leaf reports its
// number to its parent, each node the sum of its children's reports. It measures
// what it costs to start a goroutine, and to keep many alive.
//
//	skynet LEAVES
//
// Fairness:
//   - Every node of the tree is a goroutine, the leaves too, and each inner node
//     has one channel for its ten children.
//   - The clock starts before the root is started and stops when main has its
//     report, which is the last message.
//   - Seq's channels are unbounded, so a send must never block here either: a
//     channel has room for all ten reports.
//   - The goroutines are counted, not calculated: see countBits.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

const (
	children  = 10
	maxLeaves = 1_000_000

	// A report is the sum of the leaf numbers shifted left by countBits, plus
	// the number of nodes that it stands for. One addition then adds both, so
	// that counting costs a shift and an addition at each leaf, and nothing
	// elsewhere. 2**22 is above 1,111,111 nodes, and the largest report is below
	// 2**62, which fits Seq's integers of 63 bits.
	countBits = 22
	countMask = 1<<countBits - 1
)

func leafReport(number int64) int64  { return number<<countBits + 1 }
func reportSum(report int64) int64   { return report >> countBits }
func reportNodes(report int64) int64 { return report & countMask }

// node has this many leaves under it, numbered from first.
func node(parent chan<- int64, leaves, first int64) {
	if leaves == 1 {
		parent <- leafReport(first)
		return
	}
	reports := make(chan int64, children)
	share := leaves / children
	for range children {
		go node(reports, share, first)
		first += share
	}
	total := int64(1)
	for range children {
		total += <-reports
	}
	parent <- total
}

func isPowerOfTen(n int64) bool {
	power := int64(1)
	for power < n {
		power *= 10
	}
	return power == n
}

// parseLeaves takes a power of ten from 1 to maxLeaves, written plainly. With any
// other number the division by ten would miss 1 and the tree would never end.
func parseLeaves(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	plain := err == nil && strconv.FormatInt(n, 10) == text
	return n, plain && n >= 1 && n <= maxLeaves && isPowerOfTen(n)
}

func main() {
	leaves, ok := int64(0), len(os.Args) == 2
	if ok {
		leaves, ok = parseLeaves(os.Args[1])
	}
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: skynet LEAVES (a power of ten, 1 to 1000000)")
		os.Exit(2)
	}

	start := time.Now()
	root := make(chan int64, 1)
	go node(root, leaves, 0)
	report := <-root
	elapsed := time.Since(start)

	fmt.Println("result:", reportSum(report))
	fmt.Println("elapsed_ns:", elapsed.Nanoseconds())
	fmt.Println("tasks:", reportNodes(report))
	fmt.Println("messages:", reportNodes(report)) // each node sends its one report
}
