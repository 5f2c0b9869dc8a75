/*
 * The session of src/client, under the lock that lock.pml proves: refresh, logout and login in three processes, and an
 * issuer that rotates refresh tokens and takes the second use of one for theft. README.md says what is modelled and
 * which code the names belong to.
 */

#define PROCESSES 3
#ifndef TOKENS
#define TOKENS 3   /* refresh tokens that the issuer gives out, that of the first login included */
#endif
#ifndef LOGINS
#define LOGINS 1   /* further logins */
#endif
#ifndef LOGOUTS
#define LOGOUTS 1
#endif
#define NONE 0
#define SIZE 5     /* of what is counted by token or grant, from 1 on */

mtype = { unissued, live, used, revoked };  /* a refresh token at the issuer */
mtype = { absent, session, ended };         /* the stored record */
mtype = { fresh, due, expired };            /* its access token */

/* The issuer: its refresh tokens, and the grant (the login) that each one comes from. */
mtype token[SIZE] = unissued;
byte  grant[SIZE];
byte  issued;

/* The storage: the record, replaced as a whole, and beside it the notice of a logout. */
mtype record = absent;
byte  stored;      /* its refresh token; that of a session that has ended by its hash only */
mtype access;
bool  refreshing;  /* the mark */
byte  notice;

byte holder;                  /* the lock */
byte sent[PROCESSES + 1];     /* by pid: the refresh token of a request that is under way */
byte answer[PROCESSES + 1];   /* by pid: a refresh token that was received and not stored yet */
byte written[PROCESSES + 1];  /* by pid: what it stored and has not looked at the notice since */
byte logins, logouts;

/* By grant, for what is to be proven; no process reads them. */
bool excused[SIZE];    /* a refresh was interrupted after the issuer had taken it and before it was saved */
bool unwatched[SIZE];  /* a process was killed between storing it and looking at the notice */
bool unwanted[SIZE];   /* a logout or a login wants it gone */
bool gone[SIZE];       /* a logout said that it is gone */

/* A process may be killed before each of its steps; another one starts in its place. */
#define KILLED  :: atomic { true -> die(); goto idle }
#define STEP    if KILLED :: atomic { true ->
#define END     } fi
#define CHOICE  if KILLED
#define DONE    fi

inline issue(from) {
    issued++;
    token[issued] = live;
    grant[issued] = from
}

inline revoke(its) {
    i = 1;
    do
    :: i > TOKENS -> break
    :: i <= TOKENS ->
        if
        :: token[i] == live && grant[i] == its -> token[i] = revoked
        :: else
        fi;
        i++
    od;
    i = 0
}

/* The issuer takes the request: a live refresh token is rotated, a used one revokes its grant. */
inline serve_request() {
    if
    :: token[sent[_pid]] == live && issued < TOKENS ->
        token[sent[_pid]] = used;
        issue(grant[sent[_pid]]);
        answer[_pid] = issued
    :: token[sent[_pid]] == used ->
        assert(excused[grant[sent[_pid]]] || unwanted[grant[sent[_pid]]]);  /* never used twice */
        revoke(grant[sent[_pid]])
    :: else
    fi;
    sent[_pid] = NONE
}

/* The request never arrives, or its answer never does. */
inline lose_request() {
    if
    :: sent[_pid] != NONE -> serve_request()
    :: true -> sent[_pid] = NONE
    fi;
    lose_answer()
}

inline lose_answer() {
    if
    :: answer[_pid] == NONE -> skip
    :: answer[_pid] != NONE -> excused[grant[answer[_pid]]] = true
    fi;
    answer[_pid] = NONE
}

/* On one host nobody is overtaken: what the code asks before it marks, sends and saves. */
#define check_held()  assert(holder == _pid)

inline let_go() {
    if :: holder == _pid -> holder = NONE :: else fi
}

inline forget() {
    seen = NONE;
    using = NONE;
    aged = fresh;
    marked = false
}

inline die() {
    lose_request();
    if :: written[_pid] != NONE -> unwatched[grant[written[_pid]]] = true; written[_pid] = NONE :: else fi;
    let_go();
    forget()
}

inline store_record(kind, refresh_token) {
    record = kind;
    stored = refresh_token;
    access = fresh;
    refreshing = false
}

inline clear_record() {
    record = absent;
    stored = NONE;
    access = fresh;
    refreshing = false
}

proctype process() {
    byte seen, using, i;
    mtype aged;
    bool marked;  /* by another one, whose refresh was interrupted */

idle:
end_idle:
progress_idle:
    if
    :: goto read_record
    :: atomic { logouts < LOGOUTS -> logouts++; goto logout }
    :: atomic { logins < LOGINS && issued < TOKENS -> logins++; issue(issued); answer[_pid] = issued; goto login }
    fi;

/* getAccessToken */

read_record:
    STEP
        if
        :: record == session && access != fresh -> seen = stored
        :: else -> goto idle
        fi
    END;

acquire:
    CHOICE
    :: atomic { holder == NONE -> holder = _pid }
    :: atomic { holder != NONE -> forget(); goto idle }  /* waited for too long */
    DONE;

reread_record:
    STEP
#ifdef WITHOUT_REREAD
        using = seen;
#else
        if
        :: record != session -> goto release
        :: record == session && stored != seen && access == fresh -> goto release
        :: record == session && refreshing && access != expired -> goto release
        :: else -> using = stored
        fi;
#endif
        marked = refreshing;
        aged = access;
        seen = NONE
    END;

mark_refreshing:
    STEP
        check_held();
#ifndef WITHOUT_MARK
        record = session;
        stored = using;
        access = aged;
        refreshing = true;
        written[_pid] = using;
#endif
        aged = fresh
    END;

look_after_marking:
    STEP
        written[_pid] = NONE;
#ifndef WITHOUT_LOOK_AFTER_MARKING
        if :: notice == using -> clear_record(); goto release :: else fi
#endif
    END;

send_refresh:
    STEP
        check_held();
        /* What may be used up is tried when nothing else is left. */
        assert(!excused[grant[using]] || access == expired || unwanted[grant[using]]);
        sent[_pid] = using
    END;

receive_tokens:
    CHOICE
    :: atomic {
        !(token[using] == live && issued == TOKENS) -> serve_request();
        marked = false;
        if
        :: answer[_pid] != NONE -> skip
        :: else -> goto confirm_refusal
        fi
    }
    :: atomic { true -> lose_request(); goto release }  /* network trouble */
    :: atomic { true -> sent[_pid] = NONE; if :: marked -> goto release :: else fi; goto unmark_refreshing }  /* not now */
    DONE;

look_for_notice:
    STEP if :: notice == using -> goto give_back :: else fi END;

save_record:
    STEP
        check_held();
        assert(record != session || grant[stored] == grant[using]);  /* no other session is overwritten */
        store_record(session, answer[_pid]);
        written[_pid] = answer[_pid];
        answer[_pid] = NONE
    END;

look_after_saving:
    STEP
#ifndef WITHOUT_LOOK_AFTER_SAVING
        if
        :: notice == using -> clear_record(); answer[_pid] = written[_pid]; written[_pid] = NONE; goto give_back
        :: else
        fi;
#endif
        written[_pid] = NONE;
        goto release
    END;

give_back:
    STEP revoke(grant[answer[_pid]]); answer[_pid] = NONE; goto release END;

unmark_refreshing:
    STEP
        check_held();
        if :: record == session -> skip :: else -> access = due fi;
        record = session;
        stored = using;
        refreshing = false;
        written[_pid] = using
    END;

look_after_unmarking:
    STEP
        written[_pid] = NONE;
#ifndef WITHOUT_LOOK_AFTER_UNMARKING
        if :: notice == using -> clear_record() :: else fi;
#endif
        goto release
    END;

confirm_refusal:
    STEP
        if
        :: record == session && stored == using -> skip
        :: else -> goto release
        fi
    END;

end_session:
    STEP
        assert(token[using] != live);
        store_record(ended, using);
        goto release
    END;

/* logout */

logout:
    CHOICE
    :: atomic { holder == NONE -> holder = _pid }
    :: atomic { holder != NONE -> skip }  /* waited for too long: it goes on without the lock */
    DONE;

read_tokens:
    STEP
        if
        :: record == session -> using = stored; unwanted[grant[using]] = true
        :: else -> using = NONE
        fi
    END;

write_notice:
    STEP if :: using != NONE -> notice = using :: else fi END;

reread_tokens:
    STEP
        if
        :: record == session && stored != using ->
            using = stored;
            unwanted[grant[using]] = true;
            goto write_notice
        :: else
        fi
    END;

revoke_tokens:
    CHOICE
    :: atomic { true -> if :: using != NONE -> revoke(grant[using]) :: else fi }
    :: true  /* network trouble */
    DONE;

remove_record:
    STEP
        if :: record == session -> unwanted[grant[stored]] = true :: else fi;
        clear_record();
        gone[grant[using]] = using != NONE;
        goto release
    END;

/* login */

login:
    CHOICE
    :: atomic { holder == NONE -> holder = _pid }
    :: atomic { holder != NONE -> revoke(grant[answer[_pid]]); answer[_pid] = NONE; goto idle }
    DONE;

#ifdef REMOVING_NOTICE
remove_notice:
    STEP notice = NONE END;
#endif

replace_record:
    STEP
        if :: record == session -> using = stored; unwanted[grant[using]] = true :: else fi;
        store_record(session, answer[_pid]);
        answer[_pid] = NONE
    END;

release_after_login:
    STEP let_go() END;

revoke_previous:
    STEP
        if :: using != NONE -> revoke(grant[using]) :: else fi;
        forget();
        goto idle
    END;

release:
    STEP let_go(); forget(); goto idle END
}

/* Time passes. */
proctype clock() {
end:
    do
    :: atomic { record == session && access == fresh -> access = due }
    :: atomic { record == session && access == due -> access = expired }
    od
}

#define IN_HAND(t)  (answer[1] == t || answer[2] == t || answer[3] == t)
#define LOOKING     (written[1] == stored || written[2] == stored || written[3] == stored)
#define LOST(t)     (token[t] == live && !excused[grant[t]] && !unwanted[grant[t]] && \
                     !(record == session && stored == t) && !IN_HAND(t))
#define RISEN       (record == session && gone[grant[stored]] && !unwatched[grant[stored]] && !LOOKING)

proctype monitor() {
end:
    do
    :: atomic { LOST(1) || LOST(2) || LOST(3) || LOST(4) -> assert(false) }  /* a live session */
    :: atomic { RISEN -> assert(false) }                                     /* from a logout */
    od
}

init {
    atomic {
        issue(1);
        store_record(session, issued);
        run process();
        run process();
        run process();
        run clock();
        run monitor()
    }
}
