//! What a mistake is, as a closed set: the names that programs match, which never change once they
//! have been released. What is said about one is written where it is found.

use super::word::words;

words! {
    /// What a [`Mistake`](super::Mistake) is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum MistakeCode {
        // Of the text.
        /// It is not TOML.
        Syntax = "syntax",
        /// There are more mistakes than people read.
        TooManyMistakes = "too-many-mistakes",
        /// Some lines end with CRLF, others with LF.
        MixedLineEndings = "mixed-line-endings",

        // Of one key and its value.
        /// No key has this name here.
        UnknownKey = "unknown-key",
        /// A key that must be there is not.
        MissingKey = "missing-key",
        /// A value of another type.
        WrongType = "wrong-type",
        /// A word that is none of those that the key knows.
        UnknownWord = "unknown-word",
        /// A text that must say something is empty.
        EmptyText = "empty-text",
        /// A name with letters that names do not have.
        BadName = "bad-name",
        /// Two things have one name.
        DuplicateName = "duplicate-name",
        /// Not a duration, or not one that the key takes.
        BadDuration = "bad-duration",
        /// Not an instant in UTC.
        BadInstant = "bad-instant",
        /// Not a size such as `10%` or `2x`.
        BadSize = "bad-size",
        /// A size on a scale that the metric's kind does not have.
        SizeDoesNotFit = "size-does-not-fit",
        /// Not a number that can bound a metric.
        BadBound = "bad-bound",
        /// A bound that the metric's kind can never reach.
        LimitDoesNotFit = "limit-does-not-fit",
        /// Not an error probability.
        BadProbability = "bad-probability",

        // Of the connection to Prometheus and of webhooks.
        /// Not an address that can be asked.
        BadUrl = "bad-url",
        /// Not a header of HTTP.
        BadHeader = "bad-header",
        /// A secret is written where it is committed. Rendering masks the text at these places, so that
        /// the message does not carry the secret into a CI log.
        SecretInFile = "secret-in-file",
        /// More than one way to say who asks.
        TwoCredentials = "two-credentials",
        /// A certificate without its key, or a key without its certificate.
        HalfIdentity = "half-identity",
        /// `push` without `commit`.
        PushWithoutCommit = "push-without-commit",

        // Of the calendar.
        /// Not a time of day.
        BadTime = "bad-time",
        /// No time zone has this name.
        UnknownZone = "unknown-zone",
        /// A window in which nothing can advance.
        EmptyWindow = "empty-window",
        /// A freeze that ends before it begins.
        EmptyFreeze = "empty-freeze",

        // Of metrics and their queries.
        /// A metric of two kinds.
        TwoKinds = "two-kinds",
        /// What is measured is given twice.
        TwoSources = "two-sources",
        /// Both `max` and `min`.
        TwoBounds = "two-bounds",
        /// Not a quantile between 0 and 1.
        BadQuantile = "bad-quantile",
        /// Not a selector of PromQL.
        BadSelector = "bad-selector",
        /// Not PromQL, or nothing that gives one number.
        BadQuery = "bad-query",
        /// A function that is not known here; the server may know it.
        UnknownFunction = "unknown-function",
        /// `$increments` where it cannot stand.
        BadIncrements = "bad-increments",
        /// A query with a function that loses increments of counters, so that harm may pass.
        LosesIncrements = "loses-increments",

        // Of arms.
        /// Not a name of a label.
        BadLabel = "bad-label",
        /// Not a regular expression.
        BadRegex = "bad-regex",
        /// One series would count for both arms.
        SameArms = "same-arms",

        // Of guardrails.
        /// No guardrail at all, or success metrics only.
        MissingGuardrail = "missing-guardrail",
        /// A guardrail that measures nothing.
        MissingMetric = "missing-metric",
        /// No shared metric has this name.
        UnknownMetric = "unknown-metric",
        /// A metric of the plan has the name of a shared one.
        ShadowedMetric = "shadowed-metric",
        /// No guardrail has this name.
        UnknownGuardrail = "unknown-guardrail",
        /// A guardrail that the surface requires is not there, or guards nothing.
        RequiredGuardrail = "required-guardrail",
        /// Every guardrail only warns.
        NothingStopsIt = "nothing-stops-it",
        /// No guardrail measures success.
        NoSuccessMetric = "no-success-metric",
        /// A success metric with what only a guardrail does.
        SuccessGuardsNothing = "success-guards-nothing",
        /// `no_data_timeout` where nothing waits for it.
        StrayTimeout = "stray-timeout",
        /// The traffic is too small to show a breach of the margin.
        MarginOutOfReach = "margin-out-of-reach",
        /// The traffic is too small to rule out what a stage must.
        RuleOutOutOfReach = "rule-out-out-of-reach",

        // Of stages and ramps.
        /// Neither stages nor a ramp.
        MissingStages = "missing-stages",
        /// Both stages and a ramp.
        StagesAndRamp = "stages-and-ramp",
        /// Not an exposure that a plan can have.
        ExposureOutOfRange = "exposure-out-of-range",
        /// A stage that exposes no more than the one before.
        ExposureNotIncreasing = "exposure-not-increasing",
        /// `max_duration` shorter than `min_duration`.
        MaxBeforeMin = "max-before-min",
        /// A stage that ends before its evidence can be there.
        StageTooShort = "stage-too-short",
        /// A risk budget that is not above zero.
        BadBudget = "bad-budget",
        /// A risk budget that nothing spends.
        StrayBudget = "stray-budget",
        /// A risk budget, and no guardrail that counts bad events.
        NothingToCount = "nothing-to-count",

        // Of plans together.
        /// No surface has this name.
        UnknownSurface = "unknown-surface",
        /// Another plan changes the same surface.
        SharedSurface = "shared-surface",
        /// A plan waits for itself.
        AfterItself = "after-itself",
        /// Plans wait for each other.
        AfterCircle = "after-circle",
        /// `after` says something that is no condition.
        BadAfter = "bad-after",
        /// No plan has this name.
        UnknownPlan = "unknown-plan",

        // Of targets, in the plan.
        /// Not a path that a target can have.
        BadPath = "bad-path",
        /// Not a JSON pointer.
        BadPointer = "bad-pointer",
        /// A template that cannot be filled in and read back.
        BadTemplate = "bad-template",
        /// Not a word that nginx or HAProxy would take as one.
        BadToken = "bad-token",
        /// Two targets write the same numbers.
        SharedTarget = "shared-target",

        // Of targets, in their files.
        /// It is not JSON or YAML.
        TargetSyntax = "target-syntax",
        /// The file is not there, or where no target may be.
        TargetFile = "target-file",
        /// There is no such flag, route or number.
        TargetPlace = "target-place",
        /// There are several, and nothing says which.
        TargetAmbiguous = "target-ambiguous",
        /// A number that is none, or that is written once for several places.
        TargetNumber = "target-number",
        /// Numbers that do not belong together: they do not say how many users are exposed.
        TargetNumbers = "target-numbers",
        /// More than two share the users.
        TargetArms = "target-arms",
        /// The kind cannot show so small an exposure.
        TargetTooFine = "target-too-fine",
        /// The flag is switched off, so that its numbers say nothing.
        TargetOff = "target-off",
        /// A file that `rollout` writes as a whole is not as it writes it.
        TargetEdited = "target-edited",
        /// A user may get another variant at every request.
        TargetNotSticky = "target-not-sticky",
        /// What reads it tells fewer users apart than the plan counts.
        TargetCoarse = "target-coarse",
        /// Something beside the numbers exposes users, or keeps them from being exposed.
        TargetOverruled = "target-overruled",

        // Of `[state]`, which the program writes.
        /// It is not a table of its own.
        StateNotATable = "state-not-a-table",
        /// A part of it is not an inline table.
        StateNotInline = "state-not-inline",
        /// Something stands behind it.
        StateNotLast = "state-not-last",
        /// It holds a comment, which would be lost.
        StateCommentInside = "state-comment-inside",
        /// It has a key that no state has.
        StateUnknownKey = "state-unknown-key",
        /// It lacks a key.
        StateMissingKey = "state-missing-key",
        /// A value that no state has.
        StateValue = "state-value",
        /// Its stage is beyond those of the plan.
        StateBeyondStages = "state-beyond-stages",
        /// It says complete before the end.
        StateNotComplete = "state-not-complete",
        /// Its exposure is not that of its stage.
        StateExposure = "state-exposure",

        // Refusals of a change, by `review`: of `[state]`.
        /// A state without evidence.
        StateByHand = "state-by-hand",
        /// `[state]` is gone.
        StateRemoved = "state-removed",
        /// A rollback is lifted without `retry`.
        LatchLifted = "latch-lifted",
        /// A stage was skipped.
        SkippedStage = "skipped-stage",
        /// More users without evidence.
        ExposureRaised = "exposure-raised",
        /// An approval that nobody recorded.
        ApprovalByHand = "approval-by-hand",
        /// Any other edit of the state.
        StateEdited = "state-edited",

        // Refusals of a change, by `review`: of a plan.
        /// A record that is there already is edited or deleted.
        ChangedRecord = "changed-record",
        /// A plan with exposed users is deleted.
        DeletedPlan = "deleted-plan",
        /// `draft` is added: from the merge on nobody more is exposed.
        DraftAdded = "draft-added",
        /// `draft` is removed: from the merge on the plan advances by itself.
        DraftRemoved = "draft-removed",
        /// It leaves its surface.
        LeftSurface = "left-surface",
        /// Success is no longer required.
        SuccessNotRequired = "success-not-required",
        /// Users are assigned another way.
        AssignmentChanged = "assignment-changed",
        /// A target is added under way.
        TargetAdded = "target-added",
        /// A target is another file, or another place in it.
        TargetMoved = "target-moved",
        /// A target is gone.
        TargetRemoved = "target-removed",
        /// The change moves a target away from what the plan says.
        TargetByHand = "target-by-hand",
        /// The arms are exchanged.
        SwappedArms = "swapped-arms",
        /// The arms are others.
        ChangedArms = "changed-arms",
        /// A guardrail has another name.
        RenamedGuardrail = "renamed-guardrail",
        /// A guardrail is gone.
        RemovedGuardrail = "removed-guardrail",
        /// A guardrail guards less.
        WeakenedRole = "weakened-role",
        /// A breach does less.
        WeakenedOnBreach = "weakened-on-breach",
        /// Missing evidence does less.
        WeakenedOnNoData = "weakened-on-no-data",
        /// A guardrail measures something else.
        ChangedMetric = "changed-metric",
        /// The margin allows more harm.
        WidenedMargin = "widened-margin",
        /// The margin is on another scale.
        ChangedMargin = "changed-margin",
        /// The margin of a success metric asks for less.
        LoweredMargin = "lowered-margin",
        /// A limit is gone.
        RemovedLimit = "removed-limit",
        /// A limit allows more.
        WeakenedLimit = "weakened-limit",
        /// Stages for a ramp, or a ramp for stages.
        ChangedCourse = "changed-course",
        /// A stage exposes more.
        RaisedStage = "raised-stage",
        /// A stage is gone.
        RemovedStage = "removed-stage",
        /// A stage is shorter.
        ShortenedDuration = "shortened-duration",
        /// A stage waits for nobody's approval.
        RemovedApproval = "removed-approval",
        /// A stage rules out less.
        WeakenedRuleOut = "weakened-rule-out",
        /// The ramp rises faster.
        FasterRamp = "faster-ramp",
        /// The plan waits for less.
        WeakenedAfter = "weakened-after",

        // Refusals of a change, by `review`: of the shared settings.
        /// The judge may be wrong more often.
        RaisedAlpha = "raised-alpha",
        /// The check before users are exposed is off.
        PreflightOff = "preflight-off",
        /// Another setting that protects less.
        SettingsChanged = "settings-changed",
        /// Plans may advance at any time.
        RemovedWindows = "removed-windows",
        /// Plans may advance at more times.
        WidenedWindow = "widened-window",
        /// A freeze is gone.
        RemovedFreeze = "removed-freeze",
        /// A freeze is shorter, or holds fewer plans.
        NarrowedFreeze = "narrowed-freeze",
        /// A surface is gone.
        RemovedSurface = "removed-surface",
        /// A surface requires less of its plans.
        RequiresLess = "requires-less",
        /// A surface takes several plans at once.
        NoLongerExclusive = "no-longer-exclusive",
    }
}
