/* Quarantine: what a suspended device pushes is stored as it came, sealed, and its chain is not
 * advanced. The answer is "resend from the op behind it", so the device delivers the next batch
 * without ever counting one as confirmed, and stops when all of it is here. The district may decide
 * about it meanwhile (server/quarantine/quarantine.h). When the device is let in again it re-sends
 * everything on its own: what was judged is answered with the verdict it got, the rest is judged
 * then as if the device had been offline; signatures and chain are checked at that time too. What
 * it re-sends after each Hello while suspended is compared and not stored again.
 *
 * An op that comes under the number of another one that is held is that of a copied or restored
 * device, as it would be in the journal: it needs a chain of its own, and what is held stays. */
#include "suspended.h"
#include "job.h"
#include "refusing.h"

#include "proto/wire.h"
#include "server/books/district.h"
#include "server/quarantine/quarantine.h"

#include "jielian/base/rc.h"
#include "jielian/message/say.h"
#include "jielian/store/devices.h"

enum { QUARANTINE_FULL_RETRY_MS = 60 * 60 * 1000 };

enum jl_rc jl_suspended_take(struct jl_quarantine *quarantine, struct jl_district *district,
                             struct jl_job *job, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    uint64_t count = 0;
    if (jl_roster_origin(district, job->origin) == NULL) {
        return jl_job_refuse(
            job, district->wire,
            &(struct jl_refusing){.code = JL_REFUSE_HELLO, .cause = JL_SAY_HELLO_FIRST}, err);
    }
    enum jl_rc rc = jl_quarantine_hold(quarantine, district, job->origin, &job->message.as.push,
                                       job->frame.bytes, &message.as.verdicts, &count, err);
    if (rc == JL_CONFLICT) {
        const struct jl_refusing refusing = jl_refusing_of(JL_REFUSE_CHAIN, 0, err);
        return jl_job_refuse(job, district->wire, &refusing, err);
    }
    if (rc == JL_LIMIT) {
        return jl_job_refuse(job, district->wire,
                             &(struct jl_refusing){.code = JL_REFUSE_SUSPENDED,
                                                   .cause = JL_SAY_QUARANTINE_FULL,
                                                   .retry_ms = QUARANTINE_FULL_RETRY_MS},
                             err);
    }
    job->quarantined = (uint32_t)count;
    job->used.bytes = count > 0 ? job->frame.bytes.size : 0;
    return rc == JL_OK ? jl_job_answer(job, district->wire, &message, err) : rc;
}
