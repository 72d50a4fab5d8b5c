// Fan-out the usual way in Go: the same producer, workers and messages as in
// fanout.go, with a buffer of moderate size, no yield, and close to end the work.
//
//	fanout WORKERS MESSAGES
//
// It answers what a Go programmer would get, not what the same semantics cost:
//   - A full buffer holds the producer up, which Seq's unbounded channel never
//     does.
//   - Go preempts goroutines, so a worker need not yield for the others to run.
//   - There are no sentinels: a range over the channel ends when it is closed and
//     empty.
//
// The clock and the counts are those of fanout.go.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

const buffer = 1000

func worker(inbox <-chan int, reports chan<- int) {
	received := 0
	for range inbox {
		received++
	}
	reports <- received
}

func producer(messages int, inbox chan<- int, report chan<- int) {
	sent := 0
	for sent < messages {
		inbox <- sent
		sent++
	}
	close(inbox)
	report <- sent
}

type outcome struct {
	sent, reported, total, least, most int
}

// play starts everything and waits for every report.
func play(workers, messages int) outcome {
	inbox := make(chan int, buffer)
	reports := make(chan int)
	for range workers {
		go worker(inbox, reports)
	}
	report := make(chan int)
	go producer(messages, inbox, report)

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
