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
byte holder;            /* whose task may send something: this is to be proven, no process reads it */

/*
 * ELSEWHERE: each process is on a host of its own. By pid: its last beat is so old that it does nothing more with the
 * number that it has taken. Whoever watches it for longer than that takes it for dead.
 */
bool late[DEAD];
bool taken[DEAD];  /* by pid: it has a number */

/* A process may be killed before each of its steps; another one starts in its place. Giving up is the same. */
#define KILLED           :: atomic { true -> close_beacon(); goto killed }
#define STEP             if KILLED :: atomic { true ->
#define END              } fi
#define WAIT(condition)  if KILLED :: condition fi

#define TOO_LATE(pid)  atomic { taken[pid] && !late[pid] -> \
                           late[pid] = true; if :: holder == pid -> holder = NONE :: else fi }

#ifdef ELSEWHERE
#define IS_GONE(pid)  (pid == DEAD || late[pid])
#else
#define IS_GONE(pid)  (pid == DEAD)
#endif
#ifdef WITHOUT_FENCE
#define IS_HELD  true
#else
#define IS_HELD  (!late[_pid])
#endif

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
        late[_pid] = false;
        taken[_pid] = false;
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
    if :: highest == 0 -> goto link_number :: else fi;

read_claim:
    if :: highest == LAST -> goto finished :: else fi;
    STEP
        seen[_pid] = number[highest];
        if :: seen[_pid] == NONE -> highest = floor; goto link_number :: else fi
    END;

ask_holder:
#ifndef WITHOUT_BEACON
    WAIT(IS_GONE(seen[_pid]));
#endif

link_number:
    if :: highest == LAST -> goto finished :: else fi;
    STEP
        seen[_pid] = NONE;
        if
        :: number[highest + 1] == NONE -> mine = highest + 1; number[mine] = _pid; taken[_pid] = true; highest = 0
        :: else -> highest++; goto read_claim
        fi
    END;

check_floor:
    STEP
#ifndef WITHOUT_FLOOR
        if :: floor >= mine -> highest = floor; goto remove_own :: else fi;
#endif
        if
        :: IS_HELD -> assert(holder == NONE); holder = _pid
        :: else
        fi
    END;

run_task:
    STEP
        if
        :: IS_HELD -> assert(holder == _pid && number[mine] == _pid && number[mine + 1] == NONE)
        :: else -> goto release
        fi
    END;

    if :: mine <= KEPT -> goto release :: else fi;

raise_floor:
    STEP
#ifndef WITHOUT_FENCE_AT_FLOOR
        if :: !IS_HELD -> goto release :: else fi;
#endif
        floor = mine - KEPT;
        i = 1
    END;
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
    STEP number[mine] = NONE; taken[_pid] = false; late[_pid] = false; mine = 0 END;
    goto link_number;

killed:
progress_killed:
    skip;
    goto list_numbers;

finished:
    skip
}

#ifdef ELSEWHERE
/* Whoever has a number may stand still, at any time and for as long as it likes. */
proctype clock() {
end:
    do
    :: TOO_LATE(1)
    :: TOO_LATE(2)
    :: TOO_LATE(3)
    od
}
#endif

init {
    atomic {
        run taker();
        run taker();
        run taker();
#ifdef ELSEWHERE
        run clock()
#endif
    }
}
