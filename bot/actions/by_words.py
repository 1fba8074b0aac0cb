"""Which buttons may be pressed by typing their words."""

from __future__ import annotations

from typing import Final

from bot.actions.appointments import (
    ComeToAppointment,
    GetAppointmentFile,
    GivePlace,
    KeepAppointment,
    OpenTimes,
    PickStretch,
    PickTimeLength,
    PickTimesSite,
    Schedule,
    SeeAppointment,
    SeeBooked,
    SeeDesk,
    SeeFree,
    SeeOtherTimes,
    SeeTimes,
)
from bot.actions.attendance import (
    AdmitAbsence,
    BeginAllBut,
    ClaimPresence,
    ConsiderFinishing,
    ConsiderOthers,
    ReviewAllBut,
    SeeAttendance,
    SeeAttendanceClasses,
    SeeClaims,
    SeeMyAttendance,
    SeeNames,
    StopAllBut,
)
from bot.actions.broadcasts import (
    AddAudience,
    AskMoment,
    BeginAnnouncement,
    BreakOffAnnouncement,
    CorrectAnnouncement,
    GetHelpBelow,
    OpenMenuBelow,
    PickPart,
    SeeAnnouncements,
    SeePreview,
    SeeSendingReport,
    WithdrawAnnouncement,
)
from bot.actions.consents import PutNoticeOff, ReadNewNotice, SeeNewNotice
from bot.actions.enrolment import (
    AcceptOffer,
    ChangeClass,
    ConsiderMove,
    ConsiderWithdrawal,
    GetCalendar,
    SeeClass,
    SeeClasses,
    SeePast,
    SeeSchedule,
    SeeSites,
    TakeBack,
    TakeSeat,
)
from bot.actions.faq import ApproveFaq, ConsiderReturn, ReturnFaq, SeeAnswer, SeeTopic, SeeTopics
from bot.actions.follow_up import (
    AmendAnswers,
    AnswerMore,
    ConsiderClosed,
    GiveOutcome,
    SavePractices,
    SayOpen,
    SayStill,
    SeeRound,
    SetPractice,
    TellAge,
    TellSex,
)
from bot.actions.lessons import (
    AskHour,
    FinishLesson,
    LearnNext,
    MarkTaskDone,
    OpenLesson,
    PickHour,
    PutLessonOff,
    SearchLessons,
    SeeDailyLesson,
    SeeDays,
    SeeModule,
    SeeModules,
    SeePath,
    SeeTasks,
    SkipShowing,
)
from bot.actions.mentoring import GiveTo, LookInstead, MeetInstead, SendHeld, SendHeldAnswer
from bot.actions.menu import GetHelp, GoOn, OpenMenu, OpenStaffMenu, PickLanguage, SeeLanguages
from bot.actions.overrides import ChangeSetting, PickSettingSite, SeeSettings, SeeSiteRules, SeeSiteSettings
from bot.actions.privacy import EraseData, GetCopy, OfferConsent, ReadNotice, SeeConsents
from bot.actions.quizzes import (
    AnswerQuestion,
    AskWithLetters,
    PutReviewOff,
    SkipTest,
    StartReview,
    TakePosttest,
    TakePretest,
)
from bot.actions.registration import (
    AskField,
    BreakOffRegistration,
    ChangeCard,
    ConfirmCard,
    ContinueRegistration,
    PickHomeSite,
    PickSalutation,
    PickSector,
    PickSiteGroup,
    ReadConsentNotice,
    SeeCard,
    SeePersons,
    SeeProfile,
    TakeTelegramName,
)
from bot.actions.reminders import SayComing, SayLate, SayOnTime, SeeMap
from bot.actions.reports import PickPeriod
from bot.actions.roster import SeeRosters, StopWalkIn
from bot.actions.sessions import (
    ChangeDetail,
    ConsiderCancelling,
    ConsiderChange,
    ConsiderDetails,
    ConsiderRestoring,
    CopyClass,
    GetPoster,
    GoBackInClass,
    LeaveContactOut,
    LeavePinOut,
    MoveClass,
    NewClass,
    PickClassSite,
    PickLength,
    PickMoment,
    PickReason,
    PickSiteLink,
    PickSize,
    PickTrainer,
    RelocateClass,
    ResizeClass,
    SeeMyClass,
    SeeMyClasses,
    SeeSiteLink,
    StopClass,
    TakeSameVenue,
    TeachMyself,
)
from bot.actions.staff import LeaveStaffName
from bot.actions.surveys import SkipSentence
from bot.actions.understanding import MeantThis

BY_WORDS: Final = (
    *(ClaimPresence, AdmitAbsence, SeeAttendance, SeeNames, SeeClaims, BeginAllBut, ReviewAllBut, StopAllBut),
    *(ConsiderFinishing, ConsiderOthers),
    *(AcceptOffer, SayComing, TakeSeat, ConsiderWithdrawal, ConsiderMove, SeeClass, SeeClasses, SeeSchedule, SeeSites),
    *(ChangeClass, GetCalendar, SeePast, TakeBack, SayLate, SayOnTime),
    *(SeeMap, SeeMyAttendance, OpenMenu, OpenMenuBelow, GetHelp, GetHelpBelow, GoOn, SeeLanguages, PickLanguage),
    *(ContinueRegistration, AskField, ReadConsentNotice, PickSalutation, TakeTelegramName, PickSector, PickSiteGroup),
    *(PickHomeSite, ConfirmCard, ChangeCard, SeeCard, BreakOffRegistration, SeeProfile, SeePersons),
    *(SeePath, LearnNext, OpenLesson, FinishLesson, SeeModules, SeeModule, SearchLessons, SeeDailyLesson, SeeDays),
    *(AskHour, PickHour, SkipShowing, PutLessonOff, MarkTaskDone, AnswerQuestion, AskWithLetters, StartReview),
    *(PutReviewOff, TakePretest, TakePosttest, SkipTest, SkipSentence, ReadNotice, GetCopy, SeeConsents, EraseData),
    *(
        LookInstead,
        GiveTo,
        SendHeld,
        SendHeldAnswer,
        SeeTopics,
        SeeTopic,
        SeeAnswer,
        ApproveFaq,
        ConsiderReturn,
        ReturnFaq,
    ),
    *(SetPractice, SavePractices, SayStill, GiveOutcome, AnswerMore, TellAge, TellSex, AmendAnswers, SeeRound),
    *(ConsiderClosed, SayOpen),
    *(MeetInstead, SeeAppointment, SeeTimes, SeeOtherTimes, ComeToAppointment, KeepAppointment, GetAppointmentFile),
    *(GivePlace, SeeDesk, SeeBooked, SeeFree, OpenTimes, PickTimesSite, PickStretch, PickTimeLength, Schedule),
    *(PutNoticeOff, ReadNewNotice, SeeNewNotice, OfferConsent),
    *(NewClass, SeeMyClass, ConsiderChange, ConsiderDetails, ChangeDetail, MoveClass, RelocateClass, ResizeClass),
    *(CopyClass, ConsiderCancelling, PickReason, PickClassSite, PickMoment, PickLength, PickSize, TakeSameVenue),
    *(LeavePinOut, PickTrainer, LeaveContactOut, ConsiderRestoring, TeachMyself),
    *(PickSiteLink, SeeSiteLink, GetPoster),
    *(SeeSettings, PickSettingSite, SeeSiteSettings, SeeSiteRules, ChangeSetting),
    *(OpenStaffMenu, SeeMyClasses, SeeRosters, SeeAttendanceClasses, BeginAnnouncement, PickPeriod, SeeTasks),
    *(
        AddAudience,
        PickPart,
        AskMoment,
        SeePreview,
        SeeAnnouncements,
        SeeSendingReport,
        CorrectAnnouncement,
        WithdrawAnnouncement,
        GoBackInClass,
        StopClass,
        BreakOffAnnouncement,
        StopWalkIn,
        LeaveStaffName,
        MeantThis,
    ),
)
"""Actions that may also be done by typing the words of their button: they show, ask or answer. Actions that give
something up, consent, stop, erase or reach other people need a tap; but for the second look at an answer for everybody,
whose words are the approver's own."""
