/*
 * The lock of src/storage/lock: numbered files, each naming the beacon of its taker. README.md says what is modelled
 * and which code the names belong to.
 */

#define PROCESSES 3
#ifndef LAST
#define LAST 6  /* numbers are taken up to here, in any number of attempts */
#endif
#ifndef KEPT
#define KEPT 1  /* the fewer numbers are kept, the sooner removed ones are created anew */
#endif

/* Who answers for a number: nobody as it is not taken, the process of this pid, or nobody any more. */
#define NONE 0
#define DEAD (PROCESSES + 1)

byte number[LAST + 2];  /* the numbered files; 0 is none of them */
byte seen[DEAD];        /* by pid: what a process read under the number that it found highest */
byte floor;             /* numbers up to here are never valid again */
byte holder;            /* whose task runs: this is to be proven, no process reads it */

/* A process may be killed before each of its steps; another one starts in its place. Giving up is the same. */
#define KILLED           :: atomic { true -> close_beacon(); goto killed }
#define STEP             if KILLED :: atomic { true ->
#define END              } fi
#define WAIT(condition)  if KILLED :: condition fi

/* From now on nothing answers for what this process has taken. */
inline close_beacon() {
    d_step {
        if :: holder == _pid -> holder = NONE :: else fi;
        i = 1;
        do
        :: i <= LAST && number[i] == _pid -> number[i] = DEAD; i++
        :: i <= LAST && number[i] != _pid -> i++
        :: i > LAST -> break
        od;
        i = 1;
        do
        :: i <= PROCESSES && seen[i] == _pid -> seen[i] = DEAD; i++
        :: i <= PROCESSES && seen[i] != _pid -> i++
        :: i > PROCESSES -> break
        od;
        seen[_pid] = NONE;
        highest = 0;
        mine = 0;
        i = 0
    }
}

proctype taker() {
    byte highest, mine, i;

list_numbers:
#ifdef SCAN
    /* Entry by entry, while others create and remove: from the top down such a listing misses the most. */
    i = LAST;
list_entry:
    STEP
        if
        :: i > 0 && number[i] == NONE -> i--; goto list_entry
        :: else -> highest = i; i = 0
        fi
    END;
#else
    /* Whatever it likes: what is proven holds for every file system, however it lists. */
    STEP select(highest : 0 .. LAST) END;
#endif
    if
    :: highest == LAST -> goto finished
    :: highest == 0 -> goto link_number
    :: else
    fi;

read_claim:
    STEP
        seen[_pid] = number[highest];
        if :: seen[_pid] == NONE -> highest = 0; goto list_numbers :: else fi
    END;

ask_holder:
#ifndef WITHOUT_BEACON
    WAIT(seen[_pid] == DEAD);
#endif

link_number:
    STEP
        seen[_pid] = NONE;
        if
        :: number[highest + 1] == NONE -> mine = highest + 1; number[mine] = _pid; highest = 0
        :: else -> highest = 0; goto list_numbers
        fi
    END;

check_floor:
    STEP
#ifndef WITHOUT_FLOOR
        if :: floor >= mine -> highest = floor; goto remove_own :: else fi;
#endif
        assert(holder == NONE);
        holder = _pid
    END;

run_task:
    STEP assert(number[mine] == _pid && number[mine + 1] == NONE) END;  /* isStillHeld */

    if :: mine <= KEPT -> goto release :: else fi;

raise_floor:
    STEP floor = mine - KEPT; i = 1 END;
remove_number:
    STEP
        if
        :: i <= mine - KEPT -> number[i] = NONE; i++; goto remove_number
        :: else -> i = 0
        fi
    END;

release:
    atomic { true -> close_beacon() };
progress_released:
    skip;
    goto list_numbers;

remove_own:
    STEP number[mine] = NONE; mine = 0 END;
    goto link_number;

killed:
progress_killed:
    skip;
    goto list_numbers;

finished:
    skip
}

init { atomic { run taker(); run taker(); run taker() } }
