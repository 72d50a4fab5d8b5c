// Ping-pong: two goroutines pass messages back and forth over two channels, and
// neither can go on before the other has answered. It measures the latency of a
// channel together with the switch from one goroutine to the other.
//
//	pingpong ROUND_TRIPS
//
// Fairness:
//   - Both sides are started with go, as both are spawned in Seq.
//   - The clock starts before the channels are made and stops when both sides
//     have reported, so it spans every message.
//   - Each side counts what it receives: the result and the messages are counted.
//   - Seq's channels are unbounded, so a send must never block here either: room
//     for one message is enough, because no side sends twice without receiving.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// pinger sends, then waits for the answer.
func pinger(rounds int, pings chan<- int, pongs <-chan int, report chan<- int) {
	received := 0
	for received < rounds {
		pings <- received
		<-pongs
		received++
	}
	report <- received
}

// ponger waits, then answers.
func ponger(rounds int, pings <-chan int, pongs chan<- int, report chan<- int) {
	received := 0
	for received < rounds {
		<-pings
		received++
		pongs <- received
	}
	report <- received
}

// play starts both sides and waits for both reports.
func play(rounds int) (pingsReceived, pongsReceived int) {
	pings, pongs := make(chan int, 1), make(chan int, 1)
	pingerReport, pongerReport := make(chan int, 1), make(chan int, 1)
	go pinger(rounds, pings, pongs, pingerReport)
	go ponger(rounds, pings, pongs, pongerReport)
	return <-pongerReport, <-pingerReport
}

// parseCount takes a number of 1 or more, written plainly: no "007", no "+5".
func parseCount(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && strconv.Itoa(n) == text
}

func main() {
	rounds, ok := 0, len(os.Args) == 2
	if ok {
		rounds, ok = parseCount(os.Args[1])
	}
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: pingpong ROUND_TRIPS (an integer, 1 or more)")
		os.Exit(2)
	}

	start := time.Now()
	pings, pongs := play(rounds)
	elapsed := time.Since(start)

	fmt.Println("result:", pongs) // a round trip ends with its pong
	fmt.Println("elapsed_ns:", elapsed.Nanoseconds())
	fmt.Println("tasks:", 2) // one for each of the two reports
	fmt.Println("messages:", pings+pongs)
}
