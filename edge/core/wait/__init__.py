"""How long one who joins a lane now will wait, how sure that is, which lane to take and which lanes to open.

From people seen per second (noisy, hidden behind each other, with gaps) and, where a till speaks, from the starts and
ends of transactions. Pure: time comes in as an argument, in seconds in `waits`, in milliseconds in `board`.

    service     how long one service takes: a lognormal, its hazard, what is left of it, when it has stopped
    camera      what a camera shows of a queue of n: misses that grow with the queue, companions, passers-by
    belief      how many stand in the lane: birth-death filter, with age and departures carried along
    till        transactions as delayed, lossy hard evidence
    pace        the mean service time in layers: long run, this store now, this lane
    baskets     what is known of baskets: of the one in service, of those in line
    scanning    a basket that is being scanned: what is left of it
    in_line     shoppers who say with which basket they stand where
    levels      how big baskets are now all over the store, as far as that foretells services
    forecast    from a belief to a wait: expected value and quantiles
    conformal   the upper bound's level, corrected online so that it holds nine times in ten
    lane        one lane: all of the above together
    bank        a bank of kiosks with one line, in parts: `bank_particles` (histories), `bank_belief` (how they go
                on, and what is seen), `bank_busy` (how far the number seen busy is trusted), `bank_till` (their
                transactions), `bank_forecast` (let the kiosks work), `bank_probes` (pretended newcomers)
    waits       the store: lanes, questions and answers in seconds
    recommend   which lane a shopper should take
    plan        how many lanes are cheapest for a queue and a load
    advice      which lanes a manager should open or close now
    board       the live side: samples and facts in milliseconds
"""
