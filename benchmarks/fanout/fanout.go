// Fan-out: one producer, many workers, one channel that they all receive from.
// It measures the throughput of a channel under contention and how evenly the
// scheduler shares the work out.
//
//	fanout WORKERS MESSAGES
//
// This program does what fanout.seq does; fanout.idiomatic.go does the same work
// the usual way in Go.
//
// Fairness:
//   - The clock starts before the channels are made and stops when the producer
//     and every worker have reported: after the last receive, not the last send.
//   - Seq's channels are unbounded, so a send must never block here either: the
//     channel has room for every message and every sentinel.
//   - A worker yields after each message, as in Seq.
//   - The producer ends the work with one -1 for each worker instead of closing
//     the channel, as in Seq.
//   - The producer counts what it sent and the workers what they received; result
//     and messages agree only if no message was lost or delivered twice.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

const sentinel = -1

func worker(inbox <-chan int, reports chan<- int) {
	received := 0
	for <-inbox >= 0 {
		received++
		runtime.Gosched()
	}
	reports <- received
}

func producer(workers, messages int, inbox chan<- int, report chan<- int) {
	sent := 0
	for sent < messages {
		inbox <- sent
		sent++
	}
	for range workers {
		inbox <- sentinel
	}
	report <- sent
}

type outcome struct {
	sent, reported, total, least, most int
}

// play starts everything and waits for every report.
func play(workers, messages int) outcome {
	inbox := make(chan int, messages+workers)
	reports := make(chan int, workers)
	for range workers {
		go worker(inbox, reports)
	}
	report := make(chan int, 1)
	go producer(workers, messages, inbox, report)

	// No worker can have more than all messages.
	out := outcome{sent: <-report, least: messages}
	for out.reported < workers {
		received := <-reports
		out.reported++
		out.total += received
		out.least = min(out.least, received)
		out.most = max(out.most, received)
	}
	return out
}

// parseCount takes a number of 1 or more, written plainly: no "007", no "+5".
func parseCount(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && strconv.Itoa(n) == text
}

func parseArguments(arguments []string) (workers, messages int, ok bool) {
	if len(arguments) != 2 {
		return 0, 0, false
	}
	workers, workersOK := parseCount(arguments[0])
	messages, messagesOK := parseCount(arguments[1])
	return workers, messages, workersOK && messagesOK
}

func main() {
	workers, messages, ok := parseArguments(os.Args[1:])
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: fanout WORKERS MESSAGES (integers, 1 or more)")
		os.Exit(2)
	}

	start := time.Now()
	out := play(workers, messages)
	elapsed := time.Since(start)

	fmt.Println("result:", out.total)
	fmt.Println("elapsed_ns:", elapsed.Nanoseconds())
	fmt.Println("tasks:", out.reported+1) // the producer has reported as well
	fmt.Println("messages:", out.sent)
	fmt.Println("workers:", out.reported)
	fmt.Println("least:", out.least)
	fmt.Println("most:", out.most)
}
