// Actors: many long-lived goroutines, each with a channel of its own, to which one
// driver sends message after message. It measures what a message to an actor costs
// and at how many messages an actor has earned its start back.
//
//	actors ACTORS MESSAGES
//
// Fairness:
//   - The clock starts before the first channel is made and stops when the driver
//     and every actor have reported: starting the actors is part of the time.
//   - Seq's channels are unbounded, so a send must never block here either: an inbox
//     has room for all messages of its actor.
//   - The driver yields once after each pass over all actors, as in Seq, so that
//     they can run between the passes.
//   - An actor knows how many messages it gets, so there is no sentinel.
//   - The driver counts what it sends and main the reports; the result holds only if
//     every actor received each of its messages once.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

const maxCount = 1_000_000

// actor adds up its messages and reports the sum.
func actor(messages int, inbox <-chan int, sums chan<- int) {
	sum := 0
	for range messages {
		sum += <-inbox
	}
	sums <- sum
}

// driver starts all actors, then sends each one the number of each pass.
func driver(actors, messages int, sums chan<- int, report chan<- int) {
	inboxes := make([]chan int, actors)
	for i := range inboxes {
		inboxes[i] = make(chan int, messages)
		go actor(messages, inboxes[i], sums)
	}
	sent := 0
	for pass := 1; pass <= messages; pass++ {
		for _, inbox := range inboxes {
			inbox <- pass
			sent++
		}
		runtime.Gosched()
	}
	report <- sent
}

type outcome struct {
	sent, reported, total int
}

// play starts the driver and waits for every report.
func play(actors, messages int) outcome {
	sums := make(chan int, actors)
	report := make(chan int, 1)
	go driver(actors, messages, sums, report)

	out := outcome{sent: <-report}
	for out.reported < actors {
		out.total += <-sums
		out.reported++
	}
	return out
}

// parseCount takes a number from 1 to maxCount, written plainly: no "007", no "+5".
// With larger ones the result would not fit Seq's integers of 63 bits.
func parseCount(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= maxCount && strconv.Itoa(n) == text
}

func parseArguments(arguments []string) (actors, messages int, ok bool) {
	if len(arguments) != 2 {
		return 0, 0, false
	}
	actors, actorsOK := parseCount(arguments[0])
	messages, messagesOK := parseCount(arguments[1])
	return actors, messages, actorsOK && messagesOK
}

func main() {
	actors, messages, ok := parseArguments(os.Args[1:])
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: actors ACTORS MESSAGES (integers, 1 to 1000000)")
		os.Exit(2)
	}

	start := time.Now()
	out := play(actors, messages)
	elapsed := time.Since(start)

	fmt.Println("result:", out.total)
	fmt.Println("elapsed_ns:", elapsed.Nanoseconds())
	fmt.Println("tasks:", out.reported+1) // the driver has reported as well
	fmt.Println("messages:", out.sent+out.reported)
}
