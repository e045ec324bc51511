"""Everything that can go wrong, in words a help desk can read aloud.

    KioskError
    ├─ SettingsError                       BORNE-1xx
    ├─ JournalError                        BORNE-2xx
    ├─ Cancelled  GlassNotNeeded  GlassMended  ConsentNotKept    BORNE-3xx
    ├─ BoxNotStarted                       BORNE-400
    ├─ CardError                           CARTE-xxx
    │  ├─ ReaderServiceAbsent  ReaderAbsent  ReaderBusy  CardModuleUnusable
    │  ├─ CardRemoved  CardMute  CardGivenUp  CardUnknown  CardAnswerInvalid  ContactlessRefused
    │  ├─ WrongCard  TwoProfessionalCards  TestCardRefused  RealCardRefused  VitaleSwapped
    │  ├─ CertificateExpired  CertificateNotYetValid  CertificateUnusable  NoActivity
    │  ├─ InscImpossible                   a `cause_id` that says which of the reasons
    │  │  └─ InsImpossible
    │  ├─ VitaleApiAbsent  VitaleApiRefused  VitaleApiSilent  VitaleApiCrashed
    │  └─ PinError
    │     └─ PinMalformed  PinWrong  PinBlocked  PinRequired  PinNotEntered
    ├─ DmpError                            DMP-xxx
    │  ├─ TransportError
    │  │  └─ ServerUnreachable  ServerTooSlow  AnswerCut  ServerNotTrusted  ClientCertificateRefused
    │  ├─ AnswerUnreadable  RequestTooLarge  ClockWrong  NotOffered  DocumentAltered  ParametersUnusable
    │  └─ Refused                          the server's own code and text, verbatim
    │     └─ StructureRefused  ServiceFailed
    ├─ DepositError                        DEPOT-xxx
    │  └─ FileUnfit  FileUnreadable  FileNotOpened  DocumentInvalid  OutboxUnwritable  DepositInDoubt
    ├─ PrinterError                        IMPR-xxx
    │  └─ PrinterUnreachable  PrinterNotReady  PrintAborted  PrintOutcomeUnknown  SheetNotComposed
    └─ DocumentError                       DOC-xxx
       └─ DocumentNotShown                 one leaf, a `fault` that says which of the reasons

An error says what happened, the probable cause, what to do now, and carries a support code that never
changes. Screens only show it. `detail` is technical and holds no name, number or serial: it may be logged.
"""

from kiosk.errors.card import (
    CardAnswerInvalid,
    CardError,
    CardGivenUp,
    CardModuleUnusable,
    CardMute,
    CardRemoved,
    CardUnknown,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateUnusable,
    ContactlessRefused,
    InscCause,
    InscImpossible,
    InsImpossible,
    NoActivity,
    PinBlocked,
    PinError,
    PinMalformed,
    PinNotEntered,
    PinRequired,
    PinWrong,
    ReaderAbsent,
    ReaderBusy,
    ReaderServiceAbsent,
    RealCardRefused,
    TestCardRefused,
    TwoProfessionalCards,
    VitaleApiAbsent,
    VitaleApiCrashed,
    VitaleApiRefused,
    VitaleApiSilent,
    VitaleSwapped,
    WrongCard,
)
from kiosk.errors.deposit import (
    DepositError,
    DepositInDoubt,
    DocumentInvalid,
    FileFault,
    FileNotOpened,
    FileUnfit,
    FileUnreadable,
    OpeningFault,
    OutboxUnwritable,
)
from kiosk.errors.dmp import (
    AnswerCut,
    AnswerUnreadable,
    ClientCertificateRefused,
    ClockWrong,
    DmpError,
    DocumentAltered,
    NotOffered,
    ParametersUnusable,
    Refused,
    RequestTooLarge,
    ServerNotTrusted,
    ServerTooSlow,
    ServerUnreachable,
    ServiceFailed,
    StructureRefused,
    TransportError,
)
from kiosk.errors.document import DocumentError, DocumentFault, DocumentNotShown
from kiosk.errors.printer import (
    PrintAborted,
    PrinterError,
    PrinterNotReady,
    PrinterUnreachable,
    PrintOutcomeUnknown,
    SheetNotComposed,
)
from kiosk.errors.root import KioskError
from kiosk.errors.station import (
    BoxNotStarted,
    Cancelled,
    ConsentNotKept,
    GlassMended,
    GlassNotNeeded,
    JournalError,
    SettingsError,
)

__all__ = [
    "AnswerCut",
    "AnswerUnreadable",
    "BoxNotStarted",
    "Cancelled",
    "CardAnswerInvalid",
    "CardError",
    "CardGivenUp",
    "CardModuleUnusable",
    "CardMute",
    "CardRemoved",
    "CardUnknown",
    "CertificateExpired",
    "CertificateNotYetValid",
    "CertificateUnusable",
    "ClientCertificateRefused",
    "ClockWrong",
    "ConsentNotKept",
    "ContactlessRefused",
    "DepositError",
    "DepositInDoubt",
    "DmpError",
    "DocumentAltered",
    "DocumentError",
    "DocumentFault",
    "DocumentInvalid",
    "DocumentNotShown",
    "FileFault",
    "FileNotOpened",
    "FileUnfit",
    "FileUnreadable",
    "GlassMended",
    "GlassNotNeeded",
    "InsImpossible",
    "InscCause",
    "InscImpossible",
    "JournalError",
    "KioskError",
    "NoActivity",
    "NotOffered",
    "OpeningFault",
    "OutboxUnwritable",
    "ParametersUnusable",
    "PinBlocked",
    "PinError",
    "PinMalformed",
    "PinNotEntered",
    "PinRequired",
    "PinWrong",
    "PrintAborted",
    "PrintOutcomeUnknown",
    "PrinterError",
    "PrinterNotReady",
    "PrinterUnreachable",
    "ReaderAbsent",
    "ReaderBusy",
    "ReaderServiceAbsent",
    "RealCardRefused",
    "Refused",
    "RequestTooLarge",
    "ServerNotTrusted",
    "ServerTooSlow",
    "ServerUnreachable",
    "ServiceFailed",
    "SettingsError",
    "SheetNotComposed",
    "StructureRefused",
    "TestCardRefused",
    "TransportError",
    "TwoProfessionalCards",
    "VitaleApiAbsent",
    "VitaleApiCrashed",
    "VitaleApiRefused",
    "VitaleApiSilent",
    "VitaleSwapped",
    "WrongCard",
]
