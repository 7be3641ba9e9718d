#pragma once

#include <cstddef>
#include <cstdint>

// Every bound of the engine, with the reason for its value. A profile may choose smaller ones where
// it has a key for them; nothing may choose larger ones. Sizes are bytes unless the name says
// otherwise.
namespace landfall::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// ---- JSON and the host interface

// One request of the host. Four times the largest payload leaves room for escapes (a control
// character takes six bytes) and for the envelope.
inline constexpr std::size_t kRequestJsonBytesMax = 1 * kMiB;
// Copying or printing a tree recurses: 64 levels fit a 128 KiB stack, 6,000 overflow one of 512
// KiB.
inline constexpr std::size_t kJsonDepthMax = 64;
// The profile is parsed once at open, on the caller's thread.
inline constexpr std::size_t kProfileBytesMax = 256 * kKiB;
// Requests of the host without a reply; the next one is told `busy`. Each holds a table row and a
// reply slot.
inline constexpr std::size_t kOpenRequestsMax = 256;
// Questions to the host without an answer. The engine asks for a few secrets and prompts at a time.
inline constexpr std::size_t kOpenQuestionsMax = 64;
// Events that wait for `poll`. They are last-value by key; one more becomes a single `events.lost`.
inline constexpr std::size_t kPollEventsMax = 1024;
// Replies and questions have slots of their own, so that a flood of events never delays or drops
// one.
inline constexpr std::size_t kPollMessagesMax =
    kPollEventsMax + kOpenRequestsMax + kOpenQuestionsMax;
// A host that answers no question for this long has lost it; the asker goes on as with an error.
inline constexpr std::int64_t kQuestionTimeoutMs = 120'000;

// ---- Names, ids, paths

// An entity's id: a UUID has 36 bytes; servers' own keys are longer, but a key is no document.
inline constexpr std::size_t kEntityIdBytesMax = 128;
// Names in a profile: entity types, actions, fields, scopes, endpoints.
inline constexpr std::size_t kNameBytesMax = 64;
// The engine's directory. SQLite takes a path of 504 bytes with all links in it resolved, and
// "/partitions/<36 bytes>.db.new" is appended.
inline constexpr std::size_t kDirectoryBytesMax = 400;
inline constexpr std::size_t kFileNameBytesMax = 255;
// A request target with its query; common servers refuse more than 8 KiB of request line.
inline constexpr std::size_t kTargetBytesMax = 4 * kKiB;

// ---- Operations

// One operation's payload. Photographs travel as attachments, never inside a payload.
inline constexpr std::size_t kPayloadBytesMax = 256 * kKiB;
// A month of heavy offline work of one person is a few thousand operations.
inline constexpr std::size_t kOutboxOperationsMax = 50'000;
// Their bytes on the wire: what a phone sends in an hour over a slow link, and a file that an old
// one can hold.
inline constexpr std::size_t kOutboxBytesMax = 256 * kMiB;
// Open operations of one entity; a longer lane is a loop in the app rather than a person at work.
inline constexpr std::size_t kLaneOperationsMax = 1'000;
// Operations of one push. Fifty decide in well under a second and lose little when one call is
// lost.
inline constexpr std::size_t kBatchOperationsDefault = 50;
inline constexpr std::size_t kBatchOperationsMax = 500;
// The body of one push. Larger bodies time out on slow mobile links before they are through.
inline constexpr std::size_t kBatchBytesDefault = 256 * kKiB;
inline constexpr std::size_t kBatchBytesMax = 1 * kMiB;
// Versions of one action's payload, and how many of them an app still reads.
inline constexpr std::int64_t kActionSchemaMax = 1'000'000;
inline constexpr std::size_t kUpcastsMax = 100;
// What the envelope of one operation takes beside its payload: ids, names, times, attestation,
// commas.
inline constexpr std::size_t kOperationEnvelopeBytesMax = 8 * kKiB;
// Calls of `endpoint` delivery in flight for a partition.
inline constexpr std::size_t kEndpointCallsMax = 4;
// Retries of one ladder. The last step repeats nothing: after it the operation is `failed`.
inline constexpr std::size_t kRetryDelaysMax = 10;
inline constexpr std::int64_t kRetryDelayMsMax = 3'600'000;
// How many waiting operations are looked at to find those that leave alone: beside a long outbox of
// others they wait until it is shorter.
inline constexpr std::size_t kAloneLookedAtMax = 2'000;
// No operation is sent twice within this time, unless the server named a shorter wait, a batch was
// halved or a call is replayed after a token refresh.
inline constexpr std::int64_t kResendGapMs = 5'000;
// The shortest wait that a server's Retry-After is believed: thirty repeats a minute are not
// exceeded.
inline constexpr std::int64_t kRetryAfterMsMin = 2'000;
// What 429 without a usable Retry-After waits.
inline constexpr std::int64_t kRetryAfterDefaultMs = 30'000;
// The longest wait that a profile may let a server ask for.
inline constexpr std::int64_t kRetryAfterMsMax = 24 * 3'600'000;
// Documents named in one `refresh` of a pull, and ids in one question for receipts.
inline constexpr std::size_t kRefreshDocumentsMax = 200;
inline constexpr std::size_t kReceiptIdsMax = 500;
// Documents that wait to be asked for. Five calls; who scrolls faster than that is told `busy` and
// sees the cache.
inline constexpr std::size_t kRefreshQueueMax = 1'000;

// ---- History

// Settled operations that are kept, where the profile says nothing: what a person looks back at,
// and as long as servers remember an id. A year of them is tens of megabytes of sealed rows.
inline constexpr std::int64_t kSettledDaysDefault = 30;
inline constexpr std::size_t kSettledOperationsDefault = 10'000;
inline constexpr std::size_t kSettledOperationsMax = 1'000'000;
// None is forgotten sooner, however many came since.
inline constexpr std::int64_t kSettledKeptMsMin = 24 * 3'600'000;
// Rows that one look reads, and operations that one step deletes: both are over in a few
// milliseconds, so that an enqueue waits for neither.
inline constexpr std::size_t kForgetLookedAtMax = 500;
inline constexpr std::size_t kForgottenAtOnceMax = 32;
// Between two rounds: nothing gets old in less.
inline constexpr std::int64_t kForgetEveryMs = 24 * 3'600'000;

// ---- Answers of servers

// Login, refresh and logout: tokens and a user, nothing else. A larger one is hostile.
inline constexpr std::size_t kAuthResponseBytesMax = 256 * kKiB;
// Push, pull and cached reads: a full page of documents.
inline constexpr std::size_t kSyncResponseBytesMax = 4 * kMiB;
// Values in such an answer. A page of documents has one in ten to twenty bytes; ten times as many
// empty ones would fit its bytes, and take a hundred MiB as a tree.
inline constexpr std::size_t kSyncResponseValuesMax = 500'000;
// A body that goes compressed, where the profile says nothing: below it the header that says so and
// gzip's own 18 bytes eat up most of what is saved.
inline constexpr std::size_t kCompressedBytesMinDefault = 256;
// All headers of one response together.
inline constexpr std::size_t kResponseHeaderBytesMax = 8 * kKiB;
inline constexpr std::size_t kResponseHeadersMax = 100;
// A whole call, from the first byte of the connection to the last of the body.
inline constexpr std::int64_t kCallTimeoutMsMax = 120'000;
// Tokens are opaque; real ones have one or two KiB.
inline constexpr std::size_t kTokenBytesMax = 16 * kKiB;
// Claims are flat; roles and permissions nest by two or three levels.
inline constexpr std::size_t kJwtDepthMax = 16;
// Two pairs of the longest tokens, every character escaped, and what is known about them.
inline constexpr std::size_t kTokenRecordBytesMax = 10 * kTokenBytesMax;
// A user id or organisation as a login answers it; it names rows and keys.
inline constexpr std::size_t kUserIdBytesMax = 256;
// An access token that says it lives shorter is used until it is refused: refreshing ahead of so
// short a life would refresh with every call. A longer one is believed this much.
inline constexpr std::int64_t kAccessLifetimeMsMin = 10'000;
inline constexpr std::int64_t kAccessLifetimeMsMax = 30 * 24 * 3'600'000LL;

// ---- Sockets. Times are engine time; the whole call's own timeout ends all of them.

// Calls under way. The actors have about a dozen at most; what is more is answered `not_sent`.
inline constexpr std::size_t kTransportCallsMax = 64;
// From the name to a connected socket, and one address of several: an IPv6 route that leads nowhere
// leaves time for IPv4.
inline constexpr std::int64_t kConnectTimeoutMs = 10'000;
inline constexpr std::int64_t kConnectAttemptMs = 4'000;
inline constexpr std::int64_t kHandshakeTimeoutMs = 10'000;
// From the last byte of the request to the last of the headers: a server may work on a large push.
inline constexpr std::int64_t kHeadersTimeoutMs = 30'000;
// Between two pieces of a body, either way.
inline constexpr std::int64_t kBodyIdleTimeoutMs = 15'000;
// Connections kept for the next call, and for how long. Servers close theirs after a minute or
// more, and a phone that changed its network finds out soon.
inline constexpr std::size_t kIdleConnectionsMax = 6;
inline constexpr std::int64_t kIdleConnectionMsMax = 20'000;
// Answers like `100 Continue` before the real one. Nobody asked for any.
inline constexpr std::size_t kInterimResponsesMax = 4;
// What a server may send in HTTP/2 ahead of what was read: enough that a page of documents is not
// held up by the way there and back, and of a larger answer a fresh window is said for each half.
inline constexpr std::size_t kHttp2WindowBytes = 1 * kMiB;

// ---- Pull and cache

inline constexpr std::size_t kPullPageDefault = 500;
inline constexpr std::size_t kPullPageMax = 500;
// One document's data. A page of pullable documents must fit a response, so few may be this large.
inline constexpr std::size_t kDocumentBytesMax = 512 * kKiB;
// A cursor is the server's opaque mark, stored in a row.
inline constexpr std::size_t kCursorBytesMax = 4 * kKiB;
// Equal cursors in a row with `has_more` end a pull with an error.
inline constexpr std::size_t kEqualCursorsMax = 3;
inline constexpr std::size_t kScopesMax = 32;
// Documents of one reply to `documents.query`.
inline constexpr std::size_t kQueryDocumentsMax = 500;
// Documents of one subscription: what a screen and its neighbours show. They are read anew with
// each step that may have changed them.
inline constexpr std::size_t kSubscribedDocumentsMax = 200;
// Subscriptions that are open at a time. Each is looked at after each step that changes its type; a
// screen has a few, and one more than this is a screen that forgot to close its own.
inline constexpr std::size_t kSubscriptionsMax = 16;
// The data of one reply to `documents.query`, which ends early with `next`; one document always
// fits.
inline constexpr std::size_t kQueryBytesMax = 1 * kMiB;
// A text of a filter field as far as it is compared and kept. Fields that lists are sorted by are
// names, states and dates. What a filter asks for is a little shorter, so that no cut text equals
// it (a cut leaves out up to three bytes of half a character).
inline constexpr std::size_t kFieldTextBytesMax = 256;
inline constexpr std::size_t kFilterTextBytesMax = kFieldTextBytesMax - 4;
// Values of one `in`. A screen with more boxes to tick does not exist.
inline constexpr std::size_t kFilterValuesMax = 50;
// What somebody types into a search box.
inline constexpr std::size_t kSearchTextBytesMax = 256;
// Of one document's summary, as far as it is searched: a title, a number and some names.
inline constexpr std::size_t kSummaryTextBytesMax = 2 * kKiB;
// What queries read of documents and keep for the next one. A summary with its fields takes about
// half a KiB: this holds 15,000 documents, which is all that tiers of 5 and 30 MiB do. A larger
// cache is searched more slowly.
inline constexpr std::size_t kSummaryIndexBytesMax = 8 * kMiB;
// Documents in clear in memory, shown again without a read: those that an app goes back and forth
// between, and half of what tier 2 holds of an app that looks at all of it.
inline constexpr std::size_t kMemoryTierBytesMax = 16 * kMiB;
// Documents of one list that the server is asked for (`ask`): what a screen shows. The page comes
// whole or not at all, so it is smaller than one that is read here.
inline constexpr std::size_t kAskedDocumentsMax = 100;
// Lists and cached reads that wait to be asked for. People type faster than servers answer; who has
// more open than this shows none of them.
inline constexpr std::size_t kListQuestionsMax = 8;
// A server's mark for the next page of a list, opaque; it fits a page token, and behind a path.
inline constexpr std::size_t kListMarkBytesMax = 1 * kKiB;
// GETs of a profile whose answers are kept.
inline constexpr std::size_t kReadsMax = 32;
// Changes that the server tells of one after the other are looked at together after this long: one
// pull brings them all.
inline constexpr std::int64_t kChangesGatherMs = 300;
// A change of something that an operation of this device is about waits this long for the answer,
// which most likely brings it. A call that is silent for longer has a timeout of its own.
inline constexpr std::int64_t kEchoWaitMs = 30'000;
// Changes that wait to be looked at. With one more all are pulled, without a look.
inline constexpr std::size_t kChangesWaitingMax = 256;
// A place in a list: a field's text and an id, each character escaped, in base64.
inline constexpr std::size_t kPageTokenBytesMax = 4 * kKiB;
// Documents that were looked at and whose rows do not say so yet. Who looks at more within
// minutes throws away a little less wisely.
inline constexpr std::size_t kUsesRememberedMax = 1024;
// So many are written down together: each is a page of the file, and most of those that are looked
// at are looked at again soon.
inline constexpr std::size_t kUsesAWriteMin = 512;
// The smallest tier 2: some documents of a few hundred bytes. The one that came last is kept
// however large it is.
inline constexpr std::size_t kTier2BytesMin = 4 * kKiB;
inline constexpr std::size_t kTier1BytesMax = 64 * kMiB;
inline constexpr std::size_t kTier2BytesMax = 512 * kMiB;

// ---- Conflicts

// Objects whose path is longer are merged as one value: a path is repeated for every member below
// it, and a document with one long name and many short ones must not fill the memory.
inline constexpr std::size_t kMergePathBytesMax = 256;
// Fields of a conflict that are kept with their rule, and as many that are open: people look at a
// few.
inline constexpr std::size_t kConflictFieldsMax = 1'000;
// What such a list takes at most: a field's name may be as long as a payload.
inline constexpr std::size_t kConflictFieldListBytesMax = 512 * kKiB;
// The body of a conflict: base, mine, theirs and merged, and what became of each field.
inline constexpr std::size_t kConflictBytesMax = 8 * kDocumentBytesMax;
// It holds documents, one level deeper than they came.
inline constexpr std::size_t kConflictDepthMax = kJsonDepthMax + 2;
// One intent of the user is merged this often in a row without asking: a server that always says
// `conflict` must not be answered for ever.
inline constexpr std::int64_t kMergesInARowMax = 3;
// Conflicts of one reply to `conflicts.list`, which ends early at kConflictBytesMax.
inline constexpr std::size_t kListConflictsMax = 50;

// ---- Effects and notices

// Effects of one step of a machine. A step that wants more splits itself over a timer of zero.
inline constexpr std::size_t kEffectsMax = 1'024;
// Unseen notices. Older ones of the same kind are counted into one.
inline constexpr std::size_t kNoticesMax = 1'000;

// ---- Notifications

// One push. FCM and APNs carry 4 KiB; what the platform adds on the device fits the rest.
inline constexpr std::size_t kPushPayloadBytesMax = 5 * kKiB;
// Notifications that wait to be shown. Nobody reads as many in the morning, and a flood must not
// fill the disk; one more is dropped, and its sender's host hears why.
inline constexpr std::size_t kNotificationsWaitingMax = 200;
// Ids of settled ones, to know a duplicate by.
inline constexpr std::size_t kNotificationsRememberedMax = 1'000;
// For how long a push without an id of its own is a duplicate of one that says the same.
inline constexpr std::int64_t kSamePushMs = 24 * 3'600'000LL;
// Shown at a time: the host answers each, and other questions need slots too.
inline constexpr std::size_t kNotificationsShowingMax = 8;
// A host that did not answer is asked again after this long, then after twice as long each time.
inline constexpr std::int64_t kShowRetryMs = 30'000;
inline constexpr std::int64_t kShowRetryMsMax = 3'600'000;
// A host that could not name the zone is asked again after this long.
inline constexpr std::int64_t kZoneRetryMs = 600'000;

// ---- Attachments

// A photograph as a phone's camera makes it, with room to spare. What is larger belongs to an app
// that makes it smaller first: on a slow link it would take half an hour.
inline constexpr std::size_t kAttachmentBytesMax = 10 * kMiB;
// A document or report that somebody reads on a phone.
inline constexpr std::size_t kDownloadBytesMax = 64 * kMiB;
// What is in memory of a file at a time, is sealed by itself and travels in one call: half a minute
// of a slow link, and a millisecond or two of hashing and sealing.
inline constexpr std::size_t kPieceBytesDefault = 256 * kKiB;
inline constexpr std::size_t kPieceBytesMin = 4 * kKiB;
inline constexpr std::size_t kPieceBytesMax = 1 * kMiB;
// Transfers that are neither done nor given up, and their bytes: a day of photographs.
inline constexpr std::size_t kAttachmentsOpenMax = 500;
inline constexpr std::size_t kAttachmentBytesOpenMax = 512 * kMiB;
// What is kept of files that are done; the least recently used go first.
inline constexpr std::size_t kAttachmentCacheBytesMin = 1 * kMiB;
inline constexpr std::size_t kAttachmentCacheBytesMax = 1024 * kMiB;
// Rows of settled ones without a file, to know an id that is handed in twice.
inline constexpr std::size_t kAttachmentsRememberedMax = 1'000;
// Rows of one reply to attachments.list.
inline constexpr std::size_t kListAttachmentsMax = 200;
// Types of content that a profile takes, and kinds of files that it can download.
inline constexpr std::size_t kContentTypesMax = 16;
inline constexpr std::size_t kDownloadKindsMax = 16;
// A validator is compared and sent back; real ones have some thirty bytes.
inline constexpr std::size_t kEtagBytesMax = 256;
// A type of content with its parameters.
inline constexpr std::size_t kContentTypeBytesMax = 128;
// The first bytes of a file, as far as its type is told by them.
inline constexpr std::size_t kMagicBytes = 16;
// Between two events about one transfer's progress: a bar that moves twice a second looks alive.
inline constexpr std::int64_t kTransferProgressMs = 500;

// ---- Connectivity

// Repeats of failed requests, probes and reconnects to the hub in any minute, of all parts of a
// device together and under any mix of faults (INV-Q9).
inline constexpr std::size_t kRepeatsPerMinuteMax = 30;
// Of these no more than so many when the last one is a probe, a repeat of what somebody handed in
// (pushes, receipts, files), or one that asks for news (pulls, the hub, rights, the phone's
// registration):
//
//                 of its own   one more leaves below
//   probes                12                      25
//   handed in    10 of pushes                     22
//   news                   -                      20
//   never waits            -                       -   refreshes of a token, replays behind a 401
//
// So there are 25 at most of those that ask for leave, and 5 are left to those that never do: a
// refresh has a ladder of its own, and a refused token sends again, once, the few calls that were
// under way with it. What was handed in goes before news whenever both wait, and at most 12 probes
// leave it 10 a minute, as many as pushes make. News waits for as long as probes and pushes fail
// all the time.
inline constexpr std::size_t kRepeatsForProbesMax = 25;
inline constexpr std::size_t kRepeatsForAcceptedMax = 22;
inline constexpr std::size_t kRepeatsForNewsMax = 20;
// Probes in any minute, under any sequence of hints and answers. The ladder of one outage has six
// in its first minute; a network that changes under it begins another.
inline constexpr std::size_t kProbesPerMinuteMax = 12;
inline constexpr std::size_t kProbeDelaysMax = 16;
// Pushes of one partition in any minute to what failed last, until it succeeds.
inline constexpr std::size_t kPushRepeatsPerMinuteMax = 10;
// Endpoints of single entities that failed last and are told apart. Whoever has more has a server
// that is down.
inline constexpr std::size_t kFailingTargetsMax = 256;
// For so long a pull waits for the pushes that follow each other to end. Short enough that nobody
// who looks at a list takes it for stuck.
inline constexpr std::int64_t kPullBehindPushesMs = 2'000;
inline constexpr std::int64_t kProbeDelayMsMin = 1'000;
inline constexpr std::int64_t kProbeDelayMsMax = 300'000;
// A probe without an answer for this long is counted as silence, so that the next one can leave.
inline constexpr std::int64_t kProbeTimeoutMs = 45'000;

// ---- Realtime

// One message of the hub, and what may wait for the rest of one. It carries a list of rights or a
// name of a document; Beast's default of 16 MiB is no bound.
inline constexpr std::size_t kHubMessageBytesMax = 256 * kKiB;
// Arguments nest by two or three levels.
inline constexpr std::size_t kHubDepthMax = 16;
// Messages within a second, pings included. A server says a few a minute; more is a flood, which
// would keep a phone awake.
inline constexpr std::size_t kHubMessagesPerSecondMax = 200;
// A connection that held for this long starts the delays between reconnects anew; one that is lost
// sooner goes on where they were, so that a server which closes at once is not asked again every
// second (INV-Q9).
inline constexpr std::int64_t kHubStableMs = 30'000;
// The longest that a profile may let a dead connection pass for a living one.
inline constexpr std::int64_t kHubTimeoutMsMax = 300'000;
inline constexpr std::int64_t kHubDelayMsMin = 1'000;
inline constexpr std::int64_t kHubDelayMsMax = 300'000;
// Sockets of one transport. A partition has one; a second shortly, while the first one closes.
inline constexpr std::size_t kSocketsMax = 4;

// ---- Permissions

// Rights of one user and of one role. Almafrica has about a hundred.
inline constexpr std::size_t kPermissionsMax = 1'000;
inline constexpr std::size_t kPermissionBytesMax = 128;
inline constexpr std::size_t kRolesMax = 64;
// Screens with unsaved input that are open at a time.
inline constexpr std::size_t kOpenFormsMax = 64;
// For how long a revocation waits for forms to be saved (INV-A11), and what a profile may choose.
inline constexpr std::int64_t kRevocationDeferMs = 600'000;
inline constexpr std::int64_t kRevocationDeferMsMax = 3'600'000;
// Before the per-role map is asked for again after a failure; doubled each time.
inline constexpr std::int64_t kPermissionRetryMs = 30'000;
inline constexpr std::int64_t kPermissionRetryMsMax = 1'800'000;

// ---- Time and zones

// Offset changes of one zone value: the busiest zone has about 240 between 1900 and 2040.
inline constexpr std::size_t kZoneTransitionsMax = 1'000;
// Offsets in use reach from -12:00 to +14:00; Manila and Juneau once were beyond fifteen hours.
inline constexpr std::int64_t kZoneOffsetMsMax = 16 * 3'600'000;

// ---- Profile

inline constexpr std::size_t kEntitiesMax = 64;
inline constexpr std::size_t kActionsMax = 32;
inline constexpr std::size_t kFieldsMax = 128;
// The longest that a profile may call a document fresh. Beyond a month a reader should be told.
inline constexpr std::int64_t kMaxAgeSMax = 31 * 86'400;
inline constexpr std::size_t kEndpointsMax = 128;
inline constexpr std::size_t kHeadersMax = 32;
inline constexpr std::size_t kNotificationTypesMax = 64;
inline constexpr std::size_t kMessagesMax = 256;
inline constexpr std::size_t kMessageBytesMax = 1 * kKiB;
// Meanings of single answers (`errors.map`), and claims of an access token that the app reads.
inline constexpr std::size_t kErrorMappingsMax = 64;
inline constexpr std::size_t kClaimsMax = 16;
inline constexpr std::size_t kClaimBytesMax = 256;
// Places that a user may work in, and those that one role stands for.
inline constexpr std::size_t kDashboardsMax = 32;
// How long a start may wait for the roles before it goes on without them.
inline constexpr std::int64_t kRolesWaitMs = 3'000;
inline constexpr std::int64_t kRolesWaitMsMax = 60'000;
// A list that somebody chooses from; beyond it a server has made a mistake.
inline constexpr std::size_t kOrganisationsMax = 200;
// A name or an industry is shown in one line.
inline constexpr std::size_t kOrganisationTextBytesMax = 256;
// What a login says of its user, as it is stored: kRolesMax names, kClaimsMax claims, two names,
// and the organisations with what JSON escapes of them.
inline constexpr std::size_t kUserRecordBytesMax =
    128 * kKiB + 2 * kOrganisationsMax * (2 * kOrganisationTextBytesMax + kUserIdBytesMax + 64);

// The log of a database is moved into its file beyond this, when nobody has written for a moment:
// some thousand commits, and some ten milliseconds of moving. A longer one is moved less often, and
// a page that was written ten times is moved once.
inline constexpr std::int64_t kLogBytesLong = 8 * 1024 * 1024;
inline constexpr std::int64_t kLogQuietMs = 1'000;
// Beyond this it is moved however much is written meanwhile.
inline constexpr std::int64_t kLogBytesMax = 4 * kLogBytesLong;

// A file is looked through for damage once a day, a table at a time, when nobody has written for a
// while; whoever reads or writes meanwhile has the processor in between.
inline constexpr std::int64_t kFileCheckIntervalMs = 24 * 3'600'000;
inline constexpr std::int64_t kFileCheckQuietMs = 10'000;
inline constexpr std::int64_t kFileCheckPauseMs = 1'000;

// ---- Background windows

// Between two windows that the engine asks for because something waits to be sent: Android's jobs
// that repeat have the same shortest distance.
inline constexpr std::int64_t kWindowGapMs = 900'000;
// The same for a pull alone: who looks pulls anyway, and an hour-old cache is fresh for who does
// not.
inline constexpr std::int64_t kWindowPullGapMs = 3'600'000;
// How long a window waits for a server that is out of reach; a probe has its answer within it.
inline constexpr std::int64_t kWindowOfflineMs = 10'000;
// Of a window's budget, what suspending behind it may take; a quarter of one that is short.
inline constexpr std::int64_t kWindowReserveMs = 2'000;
// A window that is done but for a question to the host looks again this often.
inline constexpr std::int64_t kWindowQuestionMs = 200;

// ---- The outboxes of the user's other organisations

// A visit stays open for what is due within this time: the spread behind an edge and the first rung
// of the retry ladder, which cost less to wait for than to open the file again.
inline constexpr std::int64_t kVisitStayMs = 5'000;
// No partition is opened again sooner, whatever becomes of its visits.
inline constexpr std::int64_t kVisitGapMs = 5'000;
// A visit for which keys, room or a disk were missing is tried again after this.
inline constexpr std::int64_t kVisitRetryMs = 30'000;

// ---- PIN, biometrics and inactivity

inline constexpr std::size_t kPinDigitsMin = 4;
inline constexpr std::size_t kPinDigitsMax = 12;
// A ladder longer than this is a mistake; a PIN that may be guessed more often is none (NIST SP
// 800-63B allows 10 tries).
inline constexpr std::size_t kLockoutStepsMax = 20;
inline constexpr int kPinFailuresMax = 10;

// Second factor: what a server may say about a challenge, and what an app may map. A challenge that
// outlives a day is no challenge.
inline constexpr std::int64_t kChallengeSecondsMax = 86'400;
inline constexpr std::size_t kSentToBytesMax = 64;
inline constexpr std::int64_t kFactorAttemptsMax = 1'000;
inline constexpr std::size_t kFactorErrorsMax = 32;
inline constexpr std::size_t kBackupCodesMax = 64;
inline constexpr std::size_t kBackupCodeBytesMax = 64;
inline constexpr std::int64_t kLockoutMsMax = 24 * 3'600'000LL;
// Argon2id. The least is the library's, for worlds that guess thousands of times; a profile that
// ships has at least what OWASP asks for (a test says so). The most is what an old phone can spare.
inline constexpr std::size_t kKdfMemoryKibMin = 8;
inline constexpr std::size_t kKdfMemoryKibShipped = 19 * 1024;
inline constexpr std::size_t kKdfMemoryKibMax = 256 * 1024;
inline constexpr int kKdfPassesMin = 1;
inline constexpr int kKdfPassesShipped = 2;
inline constexpr int kKdfPassesMax = 10;
inline constexpr int kBiometricFailuresMax = 10;
inline constexpr std::int64_t kBiometricDaysMax = 366;
inline constexpr std::int64_t kOfflineHoursMax = 90 * 24;
inline constexpr std::int64_t kIdleMsMin = 60'000;
inline constexpr std::int64_t kIdleMsMax = 24 * 3'600'000LL;
// A wall clock outside of these, or further from a server's, is called suspect (engine.status). The
// first is before any release, the second past any phone; a day is more than a wrong zone explains.
inline constexpr std::int64_t kClockUnixMsMin = 1'704'067'200'000;  // 2024
inline constexpr std::int64_t kClockUnixMsMax = 4'102'444'800'000;  // 2100
inline constexpr std::int64_t kClockSkewMsMax = 24 * 3'600'000LL;
// Behind an online login a PIN that was forgotten may be replaced without it.
inline constexpr std::int64_t kFreshLoginMs = 600'000;
// Activity is stored this often; a process that is killed forgets so much of it, and locks that
// much earlier.
inline constexpr std::int64_t kActivityStoredMs = 15'000;
// Operations that one proof decides at once (P-55), and the longest that a proof may be kept before
// it is handed in: beyond an hour nobody knows any more who holds the phone.
inline constexpr std::size_t kAttestedOperationsMax = 20;
inline constexpr std::int64_t kAttestationValidSMax = 3'600;
// The text of one attestation, which travels with each of its operations; and what it takes beside
// the names of its members: each of its operations, and all the rest with the longest user id.
inline constexpr std::size_t kAttestationBytesMax = kOperationEnvelopeBytesMax / 2;
inline constexpr std::size_t kAttestedOperationBytes = 110;
inline constexpr std::size_t kAttestationFrameBytes = 292 + kUserIdBytesMax;
// What is known about one user's PIN and biometrics.
inline constexpr std::size_t kUnlockRecordBytesMax = 64 * kKiB;

// ---- What must hold between them

static_assert(kRequestJsonBytesMax >= 4 * kPayloadBytesMax,
              "a payload and its escapes fit a request");
static_assert(kBatchBytesMax >= kPayloadBytesMax + kOperationEnvelopeBytesMax,
              "the largest operation fits the largest batch, else it could never leave");
static_assert(kBatchBytesDefault <= kBatchBytesMax &&
              kBatchOperationsDefault <= kBatchOperationsMax);
static_assert(kBatchOperationsDefault >= 1 && kBatchOperationsMax <= kOutboxOperationsMax);
static_assert(kBatchOperationsMax <= kReceiptIdsMax, "a lost batch is asked about in one call");
static_assert(kLaneOperationsMax <= kOutboxOperationsMax);
static_assert(kForgottenAtOnceMax <= kForgetLookedAtMax);
static_assert(kDocumentBytesMax >= kPayloadBytesMax,
              "what was sent as a payload can come back as a document");
static_assert(kSyncResponseBytesMax >= 2 * kDocumentBytesMax,
              "a conflict answers with more than one document");
static_assert(kAuthResponseBytesMax >= 4 * kTokenBytesMax,
              "a pair of tokens and a user fit an answer");
static_assert(kPullPageDefault <= kPullPageMax);
static_assert(kUsesAWriteMin < kUsesRememberedMax);
static_assert(kRefreshDocumentsMax <= kPullPageMax, "a refresh is answered in one page");
static_assert(kPageTokenBytesMax * 3 / 4 >= 6 * (kFieldTextBytesMax + kEntityIdBytesMax) + 256,
              "the longest place fits a token");
static_assert(kSubscribedDocumentsMax <= kQueryDocumentsMax);
static_assert(kAskedDocumentsMax <= kPullPageMax, "a list is answered in one page");
static_assert(kPageTokenBytesMax >= 2 * kListMarkBytesMax + 64, "a server's mark fits a token");
static_assert(kTargetBytesMax >= 3 * kListMarkBytesMax + 512, "a server's mark fits a target");
static_assert(kPieceBytesMax < kSyncResponseBytesMax, "a piece fits an answer");
static_assert(kAttachmentBytesOpenMax >= kDownloadBytesMax);
static_assert(kQueryBytesMax >= kDocumentBytesMax, "the largest document can be shown");
static_assert(kConflictBytesMax >= 4 * (kDocumentBytesMax + kPayloadBytesMax),
              "base, mine, theirs and merged fit a conflict");
static_assert(kConflictBytesMax >=
                  2 * kDocumentBytesMax + 2 * kConflictFieldListBytesMax + 4 * kKiB,
              "what cannot be made anew always fits a conflict");
static_assert(kRetryAfterMsMin * static_cast<std::int64_t>(kRepeatsPerMinuteMax) >= 60'000,
              "a server that always says `soon` gets no more repeats than a device may make");
static_assert(kRepeatsForNewsMax < kRepeatsForAcceptedMax &&
                  kRepeatsForAcceptedMax < kRepeatsForProbesMax &&
                  kRepeatsForProbesMax < kRepeatsPerMinuteMax,
              "who is asked for first stands last, and those that never wait find room");
static_assert(kPushRepeatsPerMinuteMax + kProbesPerMinuteMax <= kRepeatsForAcceptedMax,
              "probes take nothing of what is left to pushes");
static_assert(kRetryAfterMsMin <= kResendGapMs && kRetryAfterDefaultMs <= kRetryAfterMsMax);
static_assert(kProbeDelayMsMin * static_cast<std::int64_t>(kProbesPerMinuteMax) <= 60'000,
              "the bound on probes is the window's, not the shortest delay's");
static_assert(kConnectAttemptMs * 2 <= kConnectTimeoutMs, "a second address gets its turn");
static_assert(kHeadersTimeoutMs <= kCallTimeoutMsMax);
static_assert(kPollMessagesMax > kPollEventsMax);
static_assert(kNoticesMax <= kOutboxOperationsMax);
static_assert(kNotificationsShowingMax * 2 <= kOpenQuestionsMax, "keys have their slots");
static_assert(kShowRetryMs <= kShowRetryMsMax);
static_assert(kWindowGapMs <= kWindowPullGapMs);
static_assert(kHubMessageBytesMax >= kPermissionsMax * (kPermissionBytesMax + 8),
              "the longest list of rights fits a message of the hub");

// ---- Scopes of actors

// A scope whose actor died is spawned anew this often within the window; then the engine is
// `failed` and says so, rather than burn the battery.
inline constexpr std::size_t kScopeRestartsMax = 3;
inline constexpr std::int64_t kScopeRestartWindowMs = 300'000;
// While the device's secure storage is locked its keys are asked for again this often.
inline constexpr std::int64_t kKeysRetryMs = 30'000;
// A step that found no room on the disk is tried again this often: people free space within
// minutes.
inline constexpr std::int64_t kStorageRetryMs = 30'000;
// The file whose room the outbox gets when the disk is full: a whole answer of a push, sealed, in
// the log and once more in the database. Far more than that is never open at a time.
inline constexpr std::int64_t kBallastBytes = 8LL * 1024 * 1024;
static_assert(kBallastBytes >= 2 * static_cast<std::int64_t>(kSyncResponseBytesMax));
// While the disk is low a log is moved from here on, whatever goes on: the log of what drains would
// take all the room of the ballast, and then the file has none to grow into.
inline constexpr std::int64_t kLogBytesOnLowDisk = kBallastBytes / 8;
// It is made when the engine has been open for this long: who starts the app waits for their data.
inline constexpr std::int64_t kBallastDelayMs = 2'000;
// Rows of one reply to operations.list.
inline constexpr std::size_t kListOperationsMax = 500;
// The payloads of such a reply, which ends early with `next`; one operation always comes. As much
// as the data of documents.query.
inline constexpr std::size_t kListPayloadBytesMax = 1 * kMiB;
static_assert(kListPayloadBytesMax >= kPayloadBytesMax, "the largest payload is no page too long");

// ---- Devices

// Seeds allow three a user (P-19); whatever a server allows, a host shows a number of two digits.
inline constexpr std::size_t kDevicesMax = 99;
inline constexpr std::size_t kDeviceLimitCodesMax = 8;
// What a host says of its phone: FCM's tokens have some 160 bytes and no promised end.
inline constexpr std::size_t kPushTokenBytesMax = 4 * kKiB;
inline constexpr std::size_t kBiometricTypeBytesMax = 32;
// A sealed registration: the token with its escapes, names, and what the server said.
inline constexpr std::size_t kRegistrationBytesMax = 32 * kKiB;
// A registration that got no verdict is sent again after 5 s, then twice as long each time, up to a
// quarter of an hour: nothing waits for it but push notifications.
inline constexpr std::int64_t kRegistrationRetryMs = 5'000;
inline constexpr std::int64_t kRegistrationRetryMsMax = 900'000;
// Pinned hosts of a profile, and keys of one: the present one, its spare, an authority's or two.
inline constexpr std::size_t kPinnedHostsMax = 16;
inline constexpr std::size_t kPinsMax = 8;
// A server's own words, shown to the user.
inline constexpr std::size_t kServerMessageBytesMax = 256;

// ---- Sessions

// What a logout does, and the calls that it makes.
inline constexpr std::size_t kLogoutStepsMax = 8;
// RFC 5321: what an address may have before the @, and in all.
inline constexpr std::size_t kEmailLocalBytesMax = 64;
inline constexpr std::size_t kEmailBytesMax = 254;

}  // namespace landfall::limits
