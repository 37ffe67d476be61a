"""Runs a program with its output on a terminal that is held by Ctrl-S until a line comes on standard input."""
import os, pty, subprocess, sys, termios, threading

master, slave = pty.openpty()
termios.tcflow(slave, termios.TCOOFF)
program = subprocess.Popen(sys.argv[1:], stdout=slave, stdin=subprocess.DEVNULL, pass_fds=(3,))


def show():
    while True:
        try:
            octets = os.read(master, 65536)
        except OSError:
            return
        os.write(1, octets)


threading.Thread(target=show, daemon=True).start()


def let_go():
    sys.stdin.readline()
    termios.tcflow(slave, termios.TCOON)


threading.Thread(target=let_go, daemon=True).start()
status = program.wait()
os._exit(status)
