"""Made by `soulseer types build` from the schema public. Models of rows, and what may be sent."""

from __future__ import annotations

import datetime
import uuid
from typing import (
    Annotated,
    Any,
    List,
    Literal,
    Optional,
    TypedDict,
)
from typing_extensions import NotRequired, TypeAlias

from pydantic import BaseModel, Field, JsonValue

PublicAdminPermission: TypeAlias = Literal["manage_users", "manage_finances", "moderate_content", "manage_settings"]

PublicApplicationStatus: TypeAlias = Literal["PENDING", "APPROVED", "REJECTED"]

PublicConsentKind: TypeAlias = Literal["TERMS", "PRIVACY", "ADULT", "RECORDING", "MARKETING", "AUTO_RELOAD"]

PublicEndReason: TypeAlias = Literal[
    "client_ended",
    "reader_ended",
    "max_minutes",
    "insufficient_funds",
    "disconnected",
    "declined",
    "expired",
    "cancelled_by_client",
    "cancelled_by_reader",
    "no_show_client",
    "no_show_reader",
    "account_suspended",
    "admin_ended",
]

PublicMessageType: TypeAlias = Literal["TEXT", "IMAGE", "SYSTEM"]

PublicMoneyApprovalKind: TypeAlias = Literal["REFUND", "GOODWILL"]

PublicMoneyApprovalStatus: TypeAlias = Literal["WAITING", "DONE", "REJECTED", "EXPIRED"]

PublicOrderStatus: TypeAlias = Literal["PENDING", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED"]

PublicPaidMessageStatus: TypeAlias = Literal["PENDING", "ANSWERED", "EXPIRED", "WITHDRAWN"]

PublicPauseReason: TypeAlias = Literal["client_absent", "reader_absent", "insufficient_funds"]

PublicPayoutAttemptStatus: TypeAlias = Literal["PENDING", "SENDING", "UNKNOWN", "TRANSFERRED", "COMPLETED", "FAILED"]

PublicPayoutStatus: TypeAlias = Literal["PENDING", "PROCESSING", "COMPLETED", "FAILED"]

PublicPostStatus: TypeAlias = Literal["DRAFT", "PUBLISHED", "ARCHIVED", "DELETED"]

PublicProductStatus: TypeAlias = Literal["ACTIVE", "INACTIVE", "OUT_OF_STOCK", "DRAFT"]

PublicProductType: TypeAlias = Literal["SERVICE", "DIGITAL", "PHYSICAL"]

PublicPromoKind: TypeAlias = Literal["CREDIT", "FREE_MINUTES"]

PublicReaderStatus: TypeAlias = Literal["ONLINE", "OFFLINE", "BUSY", "AWAY", "INVISIBLE"]

PublicReportStatus: TypeAlias = Literal["OPEN", "UPHELD", "DISMISSED"]

PublicSessionStatus: TypeAlias = Literal[
    "SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW", "DISCONNECTED"
]

PublicSessionType: TypeAlias = Literal["CHAT", "CALL", "VIDEO"]

PublicSettingType: TypeAlias = Literal["INTEGER", "BOOLEAN", "TEXT"]

PublicStreamStatus: TypeAlias = Literal["SCHEDULED", "LIVE", "ENDED", "CANCELLED"]

PublicTransactionStatus: TypeAlias = Literal["PENDING", "COMPLETED", "FAILED", "REFUNDED", "CANCELLED"]

PublicTransactionType: TypeAlias = Literal[
    "ADD_FUNDS",
    "SESSION_CHARGE",
    "REFUND",
    "PAYOUT",
    "PURCHASE",
    "GIFT_PURCHASE",
    "TIP",
    "MESSAGE",
    "FEE",
    "DISPUTE",
    "ADJUSTMENT",
    "PROMO",
    "REVERSAL",
]

PublicUserRole: TypeAlias = Literal["CLIENT", "READER", "ADMIN"]

PublicUserStatus: TypeAlias = Literal["ACTIVE", "SUSPENDED", "PENDING", "BANNED"]

PgCatalogInet: TypeAlias = str

PgCatalogTsvector: TypeAlias = str


class PublicAdmins(BaseModel):
    avatar: Optional[str] = Field(alias="avatar")
    created_at: datetime.datetime = Field(alias="created_at")
    first_name: Optional[str] = Field(alias="first_name")
    id: uuid.UUID = Field(alias="id")
    last_name: Optional[str] = Field(alias="last_name")
    permissions: List[PublicAdminPermission] = Field(alias="permissions")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicAdminsInsert(TypedDict):
    avatar: NotRequired[Annotated[Optional[str], Field(alias="avatar")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    first_name: NotRequired[Annotated[Optional[str], Field(alias="first_name")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_name: NotRequired[Annotated[Optional[str], Field(alias="last_name")]]
    permissions: NotRequired[Annotated[List[PublicAdminPermission], Field(alias="permissions")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicAdminsUpdate(TypedDict):
    avatar: NotRequired[Annotated[Optional[str], Field(alias="avatar")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    first_name: NotRequired[Annotated[Optional[str], Field(alias="first_name")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_name: NotRequired[Annotated[Optional[str], Field(alias="last_name")]]
    permissions: NotRequired[Annotated[List[PublicAdminPermission], Field(alias="permissions")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicAuditLogs(BaseModel):
    action: str = Field(alias="action")
    changes: Optional[JsonValue] = Field(alias="changes")
    created_at: datetime.datetime = Field(alias="created_at")
    entity_id: str = Field(alias="entity_id")
    entity_type: str = Field(alias="entity_type")
    id: uuid.UUID = Field(alias="id")
    ip_address: Optional[PgCatalogInet] = Field(alias="ip_address")
    request_id: Optional[str] = Field(alias="request_id")
    user_agent: Optional[str] = Field(alias="user_agent")
    user_id: Optional[uuid.UUID] = Field(alias="user_id")


class PublicAuditLogsInsert(TypedDict):
    action: Annotated[str, Field(alias="action")]
    changes: NotRequired[Annotated[Optional[JsonValue], Field(alias="changes")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    entity_id: Annotated[str, Field(alias="entity_id")]
    entity_type: Annotated[str, Field(alias="entity_type")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    ip_address: NotRequired[Annotated[Optional[PgCatalogInet], Field(alias="ip_address")]]
    request_id: NotRequired[Annotated[Optional[str], Field(alias="request_id")]]
    user_agent: NotRequired[Annotated[Optional[str], Field(alias="user_agent")]]
    user_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="user_id")]]


class PublicAuditLogsUpdate(TypedDict):
    action: NotRequired[Annotated[str, Field(alias="action")]]
    changes: NotRequired[Annotated[Optional[JsonValue], Field(alias="changes")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    entity_id: NotRequired[Annotated[str, Field(alias="entity_id")]]
    entity_type: NotRequired[Annotated[str, Field(alias="entity_type")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    ip_address: NotRequired[Annotated[Optional[PgCatalogInet], Field(alias="ip_address")]]
    request_id: NotRequired[Annotated[Optional[str], Field(alias="request_id")]]
    user_agent: NotRequired[Annotated[Optional[str], Field(alias="user_agent")]]
    user_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="user_id")]]


class PublicAutoReloads(BaseModel):
    amount: int = Field(alias="amount")
    card_id: uuid.UUID = Field(alias="card_id")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    declines: int = Field(alias="declines")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    monthly_cap: int = Field(alias="monthly_cap")
    retry_at: Optional[datetime.datetime] = Field(alias="retry_at")
    stopped_reason: Optional[str] = Field(alias="stopped_reason")
    threshold: Optional[int] = Field(alias="threshold")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicAutoReloadsInsert(TypedDict):
    amount: Annotated[int, Field(alias="amount")]
    card_id: Annotated[uuid.UUID, Field(alias="card_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    declines: NotRequired[Annotated[int, Field(alias="declines")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    monthly_cap: Annotated[int, Field(alias="monthly_cap")]
    retry_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="retry_at")]]
    stopped_reason: NotRequired[Annotated[Optional[str], Field(alias="stopped_reason")]]
    threshold: NotRequired[Annotated[Optional[int], Field(alias="threshold")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicAutoReloadsUpdate(TypedDict):
    amount: NotRequired[Annotated[int, Field(alias="amount")]]
    card_id: NotRequired[Annotated[uuid.UUID, Field(alias="card_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    declines: NotRequired[Annotated[int, Field(alias="declines")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    monthly_cap: NotRequired[Annotated[int, Field(alias="monthly_cap")]]
    retry_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="retry_at")]]
    stopped_reason: NotRequired[Annotated[Optional[str], Field(alias="stopped_reason")]]
    threshold: NotRequired[Annotated[Optional[int], Field(alias="threshold")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicAvailability(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    day_of_week: int = Field(alias="day_of_week")
    end_time: datetime.time = Field(alias="end_time")
    id: uuid.UUID = Field(alias="id")
    is_available: bool = Field(alias="is_available")
    is_recurring: bool = Field(alias="is_recurring")
    local_span: Optional[str] = Field(alias="local_span")
    reader_id: uuid.UUID = Field(alias="reader_id")
    specific_date: Optional[datetime.date] = Field(alias="specific_date")
    start_time: datetime.time = Field(alias="start_time")
    updated_at: datetime.datetime = Field(alias="updated_at")
    week_minutes: str = Field(alias="week_minutes")


class PublicAvailabilityInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    day_of_week: Annotated[int, Field(alias="day_of_week")]
    end_time: Annotated[datetime.time, Field(alias="end_time")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_available: NotRequired[Annotated[bool, Field(alias="is_available")]]
    is_recurring: NotRequired[Annotated[bool, Field(alias="is_recurring")]]
    local_span: NotRequired[Annotated[Optional[str], Field(alias="local_span")]]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    specific_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="specific_date")]]
    start_time: Annotated[datetime.time, Field(alias="start_time")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    week_minutes: NotRequired[Annotated[str, Field(alias="week_minutes")]]


class PublicAvailabilityUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    day_of_week: NotRequired[Annotated[int, Field(alias="day_of_week")]]
    end_time: NotRequired[Annotated[datetime.time, Field(alias="end_time")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_available: NotRequired[Annotated[bool, Field(alias="is_available")]]
    is_recurring: NotRequired[Annotated[bool, Field(alias="is_recurring")]]
    local_span: NotRequired[Annotated[Optional[str], Field(alias="local_span")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    specific_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="specific_date")]]
    start_time: NotRequired[Annotated[datetime.time, Field(alias="start_time")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    week_minutes: NotRequired[Annotated[str, Field(alias="week_minutes")]]


class PublicBlocks(BaseModel):
    blocked_id: uuid.UUID = Field(alias="blocked_id")
    blocker_id: uuid.UUID = Field(alias="blocker_id")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")


class PublicBlocksInsert(TypedDict):
    blocked_id: Annotated[uuid.UUID, Field(alias="blocked_id")]
    blocker_id: Annotated[uuid.UUID, Field(alias="blocker_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]


class PublicBlocksUpdate(TypedDict):
    blocked_id: NotRequired[Annotated[uuid.UUID, Field(alias="blocked_id")]]
    blocker_id: NotRequired[Annotated[uuid.UUID, Field(alias="blocker_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]


class PublicBookings(BaseModel):
    client_id: uuid.UUID = Field(alias="client_id")
    created_at: datetime.datetime = Field(alias="created_at")
    during: str = Field(alias="during")
    reader_id: uuid.UUID = Field(alias="reader_id")
    session_id: uuid.UUID = Field(alias="session_id")


class PublicBookingsInsert(TypedDict):
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    during: Annotated[str, Field(alias="during")]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    session_id: Annotated[uuid.UUID, Field(alias="session_id")]


class PublicBookingsUpdate(TypedDict):
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    during: NotRequired[Annotated[str, Field(alias="during")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    session_id: NotRequired[Annotated[uuid.UUID, Field(alias="session_id")]]


class PublicCards(BaseModel):
    brand: str = Field(alias="brand")
    created_at: datetime.datetime = Field(alias="created_at")
    exp_month: int = Field(alias="exp_month")
    exp_year: int = Field(alias="exp_year")
    fingerprint: str = Field(alias="fingerprint")
    id: uuid.UUID = Field(alias="id")
    is_saved: bool = Field(alias="is_saved")
    last4: str = Field(alias="last4")
    payment_method_id: str = Field(alias="payment_method_id")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicCardsInsert(TypedDict):
    brand: Annotated[str, Field(alias="brand")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    exp_month: Annotated[int, Field(alias="exp_month")]
    exp_year: Annotated[int, Field(alias="exp_year")]
    fingerprint: Annotated[str, Field(alias="fingerprint")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_saved: Annotated[bool, Field(alias="is_saved")]
    last4: Annotated[str, Field(alias="last4")]
    payment_method_id: Annotated[str, Field(alias="payment_method_id")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicCardsUpdate(TypedDict):
    brand: NotRequired[Annotated[str, Field(alias="brand")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    exp_month: NotRequired[Annotated[int, Field(alias="exp_month")]]
    exp_year: NotRequired[Annotated[int, Field(alias="exp_year")]]
    fingerprint: NotRequired[Annotated[str, Field(alias="fingerprint")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_saved: NotRequired[Annotated[bool, Field(alias="is_saved")]]
    last4: NotRequired[Annotated[str, Field(alias="last4")]]
    payment_method_id: NotRequired[Annotated[str, Field(alias="payment_method_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicChatMessages(BaseModel):
    content: JsonValue = Field(alias="content")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    message_type: PublicMessageType = Field(alias="message_type")
    sender_id: uuid.UUID = Field(alias="sender_id")
    session_id: uuid.UUID = Field(alias="session_id")


class PublicChatMessagesInsert(TypedDict):
    content: Annotated[JsonValue, Field(alias="content")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    message_type: NotRequired[Annotated[PublicMessageType, Field(alias="message_type")]]
    sender_id: Annotated[uuid.UUID, Field(alias="sender_id")]
    session_id: Annotated[uuid.UUID, Field(alias="session_id")]


class PublicChatMessagesUpdate(TypedDict):
    content: NotRequired[Annotated[JsonValue, Field(alias="content")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    message_type: NotRequired[Annotated[PublicMessageType, Field(alias="message_type")]]
    sender_id: NotRequired[Annotated[uuid.UUID, Field(alias="sender_id")]]
    session_id: NotRequired[Annotated[uuid.UUID, Field(alias="session_id")]]


class PublicClients(BaseModel):
    avatar: Optional[str] = Field(alias="avatar")
    bio: Optional[str] = Field(alias="bio")
    created_at: datetime.datetime = Field(alias="created_at")
    date_of_birth: Optional[datetime.date] = Field(alias="date_of_birth")
    first_name: Optional[str] = Field(alias="first_name")
    id: uuid.UUID = Field(alias="id")
    last_name: Optional[str] = Field(alias="last_name")
    preferences: JsonValue = Field(alias="preferences")
    preferred_categories: List[str] = Field(alias="preferred_categories")
    preferred_session_types: List[PublicSessionType] = Field(alias="preferred_session_types")
    timezone: str = Field(alias="timezone")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicClientsInsert(TypedDict):
    avatar: NotRequired[Annotated[Optional[str], Field(alias="avatar")]]
    bio: NotRequired[Annotated[Optional[str], Field(alias="bio")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    date_of_birth: NotRequired[Annotated[Optional[datetime.date], Field(alias="date_of_birth")]]
    first_name: NotRequired[Annotated[Optional[str], Field(alias="first_name")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_name: NotRequired[Annotated[Optional[str], Field(alias="last_name")]]
    preferences: NotRequired[Annotated[JsonValue, Field(alias="preferences")]]
    preferred_categories: NotRequired[Annotated[List[str], Field(alias="preferred_categories")]]
    preferred_session_types: NotRequired[Annotated[List[PublicSessionType], Field(alias="preferred_session_types")]]
    timezone: NotRequired[Annotated[str, Field(alias="timezone")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicClientsUpdate(TypedDict):
    avatar: NotRequired[Annotated[Optional[str], Field(alias="avatar")]]
    bio: NotRequired[Annotated[Optional[str], Field(alias="bio")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    date_of_birth: NotRequired[Annotated[Optional[datetime.date], Field(alias="date_of_birth")]]
    first_name: NotRequired[Annotated[Optional[str], Field(alias="first_name")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_name: NotRequired[Annotated[Optional[str], Field(alias="last_name")]]
    preferences: NotRequired[Annotated[JsonValue, Field(alias="preferences")]]
    preferred_categories: NotRequired[Annotated[List[str], Field(alias="preferred_categories")]]
    preferred_session_types: NotRequired[Annotated[List[PublicSessionType], Field(alias="preferred_session_types")]]
    timezone: NotRequired[Annotated[str, Field(alias="timezone")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicConsents(BaseModel):
    accepted_at: datetime.datetime = Field(alias="accepted_at")
    details: JsonValue = Field(alias="details")
    id: uuid.UUID = Field(alias="id")
    ip_address: Optional[PgCatalogInet] = Field(alias="ip_address")
    kind: PublicConsentKind = Field(alias="kind")
    user_id: uuid.UUID = Field(alias="user_id")
    version: str = Field(alias="version")
    withdrawn_at: Optional[datetime.datetime] = Field(alias="withdrawn_at")


class PublicConsentsInsert(TypedDict):
    accepted_at: NotRequired[Annotated[datetime.datetime, Field(alias="accepted_at")]]
    details: NotRequired[Annotated[JsonValue, Field(alias="details")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    ip_address: NotRequired[Annotated[Optional[PgCatalogInet], Field(alias="ip_address")]]
    kind: Annotated[PublicConsentKind, Field(alias="kind")]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]
    version: Annotated[str, Field(alias="version")]
    withdrawn_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="withdrawn_at")]]


class PublicConsentsUpdate(TypedDict):
    accepted_at: NotRequired[Annotated[datetime.datetime, Field(alias="accepted_at")]]
    details: NotRequired[Annotated[JsonValue, Field(alias="details")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    ip_address: NotRequired[Annotated[Optional[PgCatalogInet], Field(alias="ip_address")]]
    kind: NotRequired[Annotated[PublicConsentKind, Field(alias="kind")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]
    version: NotRequired[Annotated[str, Field(alias="version")]]
    withdrawn_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="withdrawn_at")]]


class PublicConversationKeys(BaseModel):
    conversation_id: uuid.UUID = Field(alias="conversation_id")
    created_at: datetime.datetime = Field(alias="created_at")
    device_id: uuid.UUID = Field(alias="device_id")
    id: uuid.UUID = Field(alias="id")
    user_id: uuid.UUID = Field(alias="user_id")
    version: int = Field(alias="version")
    wrapped_by: uuid.UUID = Field(alias="wrapped_by")
    wrapped_by_device: uuid.UUID = Field(alias="wrapped_by_device")
    wrapped_key: str = Field(alias="wrapped_key")


class PublicConversationKeysInsert(TypedDict):
    conversation_id: Annotated[uuid.UUID, Field(alias="conversation_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    device_id: Annotated[uuid.UUID, Field(alias="device_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]
    version: Annotated[int, Field(alias="version")]
    wrapped_by: Annotated[uuid.UUID, Field(alias="wrapped_by")]
    wrapped_by_device: Annotated[uuid.UUID, Field(alias="wrapped_by_device")]
    wrapped_key: Annotated[str, Field(alias="wrapped_key")]


class PublicConversationKeysUpdate(TypedDict):
    conversation_id: NotRequired[Annotated[uuid.UUID, Field(alias="conversation_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    device_id: NotRequired[Annotated[uuid.UUID, Field(alias="device_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]
    version: NotRequired[Annotated[int, Field(alias="version")]]
    wrapped_by: NotRequired[Annotated[uuid.UUID, Field(alias="wrapped_by")]]
    wrapped_by_device: NotRequired[Annotated[uuid.UUID, Field(alias="wrapped_by_device")]]
    wrapped_key: NotRequired[Annotated[str, Field(alias="wrapped_key")]]


class PublicConversations(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    first_id: uuid.UUID = Field(alias="first_id")
    id: uuid.UUID = Field(alias="id")
    key_version: int = Field(alias="key_version")
    rotation_due: bool = Field(alias="rotation_due")
    second_id: uuid.UUID = Field(alias="second_id")
    session_id: Optional[uuid.UUID] = Field(alias="session_id")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicConversationsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    first_id: Annotated[uuid.UUID, Field(alias="first_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    key_version: NotRequired[Annotated[int, Field(alias="key_version")]]
    rotation_due: NotRequired[Annotated[bool, Field(alias="rotation_due")]]
    second_id: Annotated[uuid.UUID, Field(alias="second_id")]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicConversationsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    first_id: NotRequired[Annotated[uuid.UUID, Field(alias="first_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    key_version: NotRequired[Annotated[int, Field(alias="key_version")]]
    rotation_due: NotRequired[Annotated[bool, Field(alias="rotation_due")]]
    second_id: NotRequired[Annotated[uuid.UUID, Field(alias="second_id")]]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicDataExports(BaseModel):
    completed_at: Optional[datetime.datetime] = Field(alias="completed_at")
    content: Optional[JsonValue] = Field(alias="content")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicDataExportsInsert(TypedDict):
    completed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="completed_at")]]
    content: NotRequired[Annotated[Optional[JsonValue], Field(alias="content")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicDataExportsUpdate(TypedDict):
    completed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="completed_at")]]
    content: NotRequired[Annotated[Optional[JsonValue], Field(alias="content")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicFavorites(BaseModel):
    client_id: uuid.UUID = Field(alias="client_id")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    reader_id: uuid.UUID = Field(alias="reader_id")


class PublicFavoritesInsert(TypedDict):
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]


class PublicFavoritesUpdate(TypedDict):
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]


class PublicForumCategories(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    description: Optional[str] = Field(alias="description")
    icon: Optional[str] = Field(alias="icon")
    id: uuid.UUID = Field(alias="id")
    name: str = Field(alias="name")
    sort_order: int = Field(alias="sort_order")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicForumCategoriesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    icon: NotRequired[Annotated[Optional[str], Field(alias="icon")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    name: Annotated[str, Field(alias="name")]
    sort_order: NotRequired[Annotated[int, Field(alias="sort_order")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicForumCategoriesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    icon: NotRequired[Annotated[Optional[str], Field(alias="icon")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    sort_order: NotRequired[Annotated[int, Field(alias="sort_order")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicForumPosts(BaseModel):
    author_id: uuid.UUID = Field(alias="author_id")
    category_id: uuid.UUID = Field(alias="category_id")
    content: str = Field(alias="content")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_locked: bool = Field(alias="is_locked")
    is_pinned: bool = Field(alias="is_pinned")
    search: PgCatalogTsvector = Field(alias="search")
    status: PublicPostStatus = Field(alias="status")
    title: str = Field(alias="title")
    updated_at: datetime.datetime = Field(alias="updated_at")
    view_count: int = Field(alias="view_count")


class PublicForumPostsInsert(TypedDict):
    author_id: Annotated[uuid.UUID, Field(alias="author_id")]
    category_id: Annotated[uuid.UUID, Field(alias="category_id")]
    content: Annotated[str, Field(alias="content")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_locked: NotRequired[Annotated[bool, Field(alias="is_locked")]]
    is_pinned: NotRequired[Annotated[bool, Field(alias="is_pinned")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    status: NotRequired[Annotated[PublicPostStatus, Field(alias="status")]]
    title: Annotated[str, Field(alias="title")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    view_count: NotRequired[Annotated[int, Field(alias="view_count")]]


class PublicForumPostsUpdate(TypedDict):
    author_id: NotRequired[Annotated[uuid.UUID, Field(alias="author_id")]]
    category_id: NotRequired[Annotated[uuid.UUID, Field(alias="category_id")]]
    content: NotRequired[Annotated[str, Field(alias="content")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_locked: NotRequired[Annotated[bool, Field(alias="is_locked")]]
    is_pinned: NotRequired[Annotated[bool, Field(alias="is_pinned")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    status: NotRequired[Annotated[PublicPostStatus, Field(alias="status")]]
    title: NotRequired[Annotated[str, Field(alias="title")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    view_count: NotRequired[Annotated[int, Field(alias="view_count")]]


class PublicForumReplies(BaseModel):
    author_id: uuid.UUID = Field(alias="author_id")
    content: str = Field(alias="content")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    post_id: uuid.UUID = Field(alias="post_id")
    status: PublicPostStatus = Field(alias="status")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicForumRepliesInsert(TypedDict):
    author_id: Annotated[uuid.UUID, Field(alias="author_id")]
    content: Annotated[str, Field(alias="content")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    post_id: Annotated[uuid.UUID, Field(alias="post_id")]
    status: NotRequired[Annotated[PublicPostStatus, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicForumRepliesUpdate(TypedDict):
    author_id: NotRequired[Annotated[uuid.UUID, Field(alias="author_id")]]
    content: NotRequired[Annotated[str, Field(alias="content")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    post_id: NotRequired[Annotated[uuid.UUID, Field(alias="post_id")]]
    status: NotRequired[Annotated[PublicPostStatus, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicGiftPurchases(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    gift_id: uuid.UUID = Field(alias="gift_id")
    id: uuid.UUID = Field(alias="id")
    quantity: int = Field(alias="quantity")
    sent: int = Field(alias="sent")
    transaction_id: uuid.UUID = Field(alias="transaction_id")
    unit_price: int = Field(alias="unit_price")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicGiftPurchasesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    gift_id: Annotated[uuid.UUID, Field(alias="gift_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    quantity: Annotated[int, Field(alias="quantity")]
    sent: NotRequired[Annotated[int, Field(alias="sent")]]
    transaction_id: Annotated[uuid.UUID, Field(alias="transaction_id")]
    unit_price: Annotated[int, Field(alias="unit_price")]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicGiftPurchasesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    gift_id: NotRequired[Annotated[uuid.UUID, Field(alias="gift_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    quantity: NotRequired[Annotated[int, Field(alias="quantity")]]
    sent: NotRequired[Annotated[int, Field(alias="sent")]]
    transaction_id: NotRequired[Annotated[uuid.UUID, Field(alias="transaction_id")]]
    unit_price: NotRequired[Annotated[int, Field(alias="unit_price")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicGifts(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    gift_id: uuid.UUID = Field(alias="gift_id")
    id: uuid.UUID = Field(alias="id")
    message: Optional[str] = Field(alias="message")
    purchase_id: uuid.UUID = Field(alias="purchase_id")
    receiver_id: uuid.UUID = Field(alias="receiver_id")
    sender_id: uuid.UUID = Field(alias="sender_id")
    session_id: Optional[uuid.UUID] = Field(alias="session_id")
    stream_id: Optional[uuid.UUID] = Field(alias="stream_id")


class PublicGiftsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    gift_id: Annotated[uuid.UUID, Field(alias="gift_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    message: NotRequired[Annotated[Optional[str], Field(alias="message")]]
    purchase_id: Annotated[uuid.UUID, Field(alias="purchase_id")]
    receiver_id: Annotated[uuid.UUID, Field(alias="receiver_id")]
    sender_id: Annotated[uuid.UUID, Field(alias="sender_id")]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    stream_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="stream_id")]]


class PublicGiftsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    gift_id: NotRequired[Annotated[uuid.UUID, Field(alias="gift_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    message: NotRequired[Annotated[Optional[str], Field(alias="message")]]
    purchase_id: NotRequired[Annotated[uuid.UUID, Field(alias="purchase_id")]]
    receiver_id: NotRequired[Annotated[uuid.UUID, Field(alias="receiver_id")]]
    sender_id: NotRequired[Annotated[uuid.UUID, Field(alias="sender_id")]]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    stream_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="stream_id")]]


class PublicKeyBackups(BaseModel):
    backup: JsonValue = Field(alias="backup")
    id: uuid.UUID = Field(alias="id")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")
    version: int = Field(alias="version")


class PublicKeyBackupsInsert(TypedDict):
    backup: Annotated[JsonValue, Field(alias="backup")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]
    version: Annotated[int, Field(alias="version")]


class PublicKeyBackupsUpdate(TypedDict):
    backup: NotRequired[Annotated[JsonValue, Field(alias="backup")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]
    version: NotRequired[Annotated[int, Field(alias="version")]]


class PublicLiveStreams(BaseModel):
    category: str = Field(alias="category")
    created_at: datetime.datetime = Field(alias="created_at")
    description: Optional[str] = Field(alias="description")
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    id: uuid.UUID = Field(alias="id")
    max_viewers: Optional[int] = Field(alias="max_viewers")
    reader_id: uuid.UUID = Field(alias="reader_id")
    recording_url: Optional[str] = Field(alias="recording_url")
    scheduled_at: Optional[datetime.datetime] = Field(alias="scheduled_at")
    started_at: Optional[datetime.datetime] = Field(alias="started_at")
    status: PublicStreamStatus = Field(alias="status")
    stream_id: str = Field(alias="stream_id")
    title: str = Field(alias="title")
    updated_at: datetime.datetime = Field(alias="updated_at")
    viewer_count: int = Field(alias="viewer_count")


class PublicLiveStreamsInsert(TypedDict):
    category: Annotated[str, Field(alias="category")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    max_viewers: NotRequired[Annotated[Optional[int], Field(alias="max_viewers")]]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    recording_url: NotRequired[Annotated[Optional[str], Field(alias="recording_url")]]
    scheduled_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="scheduled_at")]]
    started_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="started_at")]]
    status: NotRequired[Annotated[PublicStreamStatus, Field(alias="status")]]
    stream_id: NotRequired[Annotated[str, Field(alias="stream_id")]]
    title: Annotated[str, Field(alias="title")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    viewer_count: NotRequired[Annotated[int, Field(alias="viewer_count")]]


class PublicLiveStreamsUpdate(TypedDict):
    category: NotRequired[Annotated[str, Field(alias="category")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    max_viewers: NotRequired[Annotated[Optional[int], Field(alias="max_viewers")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    recording_url: NotRequired[Annotated[Optional[str], Field(alias="recording_url")]]
    scheduled_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="scheduled_at")]]
    started_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="started_at")]]
    status: NotRequired[Annotated[PublicStreamStatus, Field(alias="status")]]
    stream_id: NotRequired[Annotated[str, Field(alias="stream_id")]]
    title: NotRequired[Annotated[str, Field(alias="title")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    viewer_count: NotRequired[Annotated[int, Field(alias="viewer_count")]]


class PublicMessages(BaseModel):
    content: JsonValue = Field(alias="content")
    conversation_id: uuid.UUID = Field(alias="conversation_id")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_read: bool = Field(alias="is_read")
    message_type: PublicMessageType = Field(alias="message_type")
    read_at: Optional[datetime.datetime] = Field(alias="read_at")
    receiver_id: uuid.UUID = Field(alias="receiver_id")
    sender_id: uuid.UUID = Field(alias="sender_id")


class PublicMessagesInsert(TypedDict):
    content: Annotated[JsonValue, Field(alias="content")]
    conversation_id: Annotated[uuid.UUID, Field(alias="conversation_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_read: NotRequired[Annotated[bool, Field(alias="is_read")]]
    message_type: NotRequired[Annotated[PublicMessageType, Field(alias="message_type")]]
    read_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="read_at")]]
    receiver_id: Annotated[uuid.UUID, Field(alias="receiver_id")]
    sender_id: Annotated[uuid.UUID, Field(alias="sender_id")]


class PublicMessagesUpdate(TypedDict):
    content: NotRequired[Annotated[JsonValue, Field(alias="content")]]
    conversation_id: NotRequired[Annotated[uuid.UUID, Field(alias="conversation_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_read: NotRequired[Annotated[bool, Field(alias="is_read")]]
    message_type: NotRequired[Annotated[PublicMessageType, Field(alias="message_type")]]
    read_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="read_at")]]
    receiver_id: NotRequired[Annotated[uuid.UUID, Field(alias="receiver_id")]]
    sender_id: NotRequired[Annotated[uuid.UUID, Field(alias="sender_id")]]


class PublicMoneyApprovals(BaseModel):
    amount: int = Field(alias="amount")
    approved_by: Optional[uuid.UUID] = Field(alias="approved_by")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    decided_at: Optional[datetime.datetime] = Field(alias="decided_at")
    expires_at: datetime.datetime = Field(alias="expires_at")
    id: uuid.UUID = Field(alias="id")
    kind: PublicMoneyApprovalKind = Field(alias="kind")
    needs_second: bool = Field(alias="needs_second")
    reason: str = Field(alias="reason")
    refunded_id: Optional[uuid.UUID] = Field(alias="refunded_id")
    rejected_by: Optional[uuid.UUID] = Field(alias="rejected_by")
    requested_by: uuid.UUID = Field(alias="requested_by")
    session_id: Optional[uuid.UUID] = Field(alias="session_id")
    status: PublicMoneyApprovalStatus = Field(alias="status")
    transaction_id: Optional[uuid.UUID] = Field(alias="transaction_id")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicMoneyApprovalsInsert(TypedDict):
    amount: Annotated[int, Field(alias="amount")]
    approved_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="approved_by")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    decided_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="decided_at")]]
    expires_at: Annotated[datetime.datetime, Field(alias="expires_at")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: Annotated[PublicMoneyApprovalKind, Field(alias="kind")]
    needs_second: Annotated[bool, Field(alias="needs_second")]
    reason: Annotated[str, Field(alias="reason")]
    refunded_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="refunded_id")]]
    rejected_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="rejected_by")]]
    requested_by: Annotated[uuid.UUID, Field(alias="requested_by")]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    status: NotRequired[Annotated[PublicMoneyApprovalStatus, Field(alias="status")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicMoneyApprovalsUpdate(TypedDict):
    amount: NotRequired[Annotated[int, Field(alias="amount")]]
    approved_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="approved_by")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    decided_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="decided_at")]]
    expires_at: NotRequired[Annotated[datetime.datetime, Field(alias="expires_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: NotRequired[Annotated[PublicMoneyApprovalKind, Field(alias="kind")]]
    needs_second: NotRequired[Annotated[bool, Field(alias="needs_second")]]
    reason: NotRequired[Annotated[str, Field(alias="reason")]]
    refunded_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="refunded_id")]]
    rejected_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="rejected_by")]]
    requested_by: NotRequired[Annotated[uuid.UUID, Field(alias="requested_by")]]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    status: NotRequired[Annotated[PublicMoneyApprovalStatus, Field(alias="status")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicNotificationPreferences(BaseModel):
    by_email: bool = Field(alias="by_email")
    created_at: datetime.datetime = Field(alias="created_at")
    muted: List[str] = Field(alias="muted")
    unsubscribe_token: uuid.UUID = Field(alias="unsubscribe_token")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicNotificationPreferencesInsert(TypedDict):
    by_email: NotRequired[Annotated[bool, Field(alias="by_email")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    muted: NotRequired[Annotated[List[str], Field(alias="muted")]]
    unsubscribe_token: NotRequired[Annotated[uuid.UUID, Field(alias="unsubscribe_token")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicNotificationPreferencesUpdate(TypedDict):
    by_email: NotRequired[Annotated[bool, Field(alias="by_email")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    muted: NotRequired[Annotated[List[str], Field(alias="muted")]]
    unsubscribe_token: NotRequired[Annotated[uuid.UUID, Field(alias="unsubscribe_token")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicNotifications(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    kind: str = Field(alias="kind")
    payload: JsonValue = Field(alias="payload")
    read_at: Optional[datetime.datetime] = Field(alias="read_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicNotificationsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: Annotated[str, Field(alias="kind")]
    payload: NotRequired[Annotated[JsonValue, Field(alias="payload")]]
    read_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="read_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicNotificationsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: NotRequired[Annotated[str, Field(alias="kind")]]
    payload: NotRequired[Annotated[JsonValue, Field(alias="payload")]]
    read_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="read_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicOrderItems(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    files: List[str] = Field(alias="files")
    id: uuid.UUID = Field(alias="id")
    order_id: uuid.UUID = Field(alias="order_id")
    price: int = Field(alias="price")
    product_id: uuid.UUID = Field(alias="product_id")
    quantity: int = Field(alias="quantity")
    reader_id: Optional[uuid.UUID] = Field(alias="reader_id")
    share_bps: int = Field(alias="share_bps")
    shipped_at: Optional[datetime.datetime] = Field(alias="shipped_at")
    tracking_number: Optional[str] = Field(alias="tracking_number")


class PublicOrderItemsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    files: NotRequired[Annotated[List[str], Field(alias="files")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    order_id: Annotated[uuid.UUID, Field(alias="order_id")]
    price: Annotated[int, Field(alias="price")]
    product_id: Annotated[uuid.UUID, Field(alias="product_id")]
    quantity: NotRequired[Annotated[int, Field(alias="quantity")]]
    reader_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reader_id")]]
    share_bps: NotRequired[Annotated[int, Field(alias="share_bps")]]
    shipped_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="shipped_at")]]
    tracking_number: NotRequired[Annotated[Optional[str], Field(alias="tracking_number")]]


class PublicOrderItemsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    files: NotRequired[Annotated[List[str], Field(alias="files")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    order_id: NotRequired[Annotated[uuid.UUID, Field(alias="order_id")]]
    price: NotRequired[Annotated[int, Field(alias="price")]]
    product_id: NotRequired[Annotated[uuid.UUID, Field(alias="product_id")]]
    quantity: NotRequired[Annotated[int, Field(alias="quantity")]]
    reader_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reader_id")]]
    share_bps: NotRequired[Annotated[int, Field(alias="share_bps")]]
    shipped_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="shipped_at")]]
    tracking_number: NotRequired[Annotated[Optional[str], Field(alias="tracking_number")]]


class PublicOrders(BaseModel):
    client_id: uuid.UUID = Field(alias="client_id")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    id: uuid.UUID = Field(alias="id")
    order_id: str = Field(alias="order_id")
    shipping_address: Optional[JsonValue] = Field(alias="shipping_address")
    status: PublicOrderStatus = Field(alias="status")
    stripe_payment_intent_id: Optional[str] = Field(alias="stripe_payment_intent_id")
    total_amount: int = Field(alias="total_amount")
    tracking_number: Optional[str] = Field(alias="tracking_number")
    transaction_id: Optional[uuid.UUID] = Field(alias="transaction_id")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicOrdersInsert(TypedDict):
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    order_id: NotRequired[Annotated[str, Field(alias="order_id")]]
    shipping_address: NotRequired[Annotated[Optional[JsonValue], Field(alias="shipping_address")]]
    status: NotRequired[Annotated[PublicOrderStatus, Field(alias="status")]]
    stripe_payment_intent_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payment_intent_id")]]
    total_amount: Annotated[int, Field(alias="total_amount")]
    tracking_number: NotRequired[Annotated[Optional[str], Field(alias="tracking_number")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicOrdersUpdate(TypedDict):
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    order_id: NotRequired[Annotated[str, Field(alias="order_id")]]
    shipping_address: NotRequired[Annotated[Optional[JsonValue], Field(alias="shipping_address")]]
    status: NotRequired[Annotated[PublicOrderStatus, Field(alias="status")]]
    stripe_payment_intent_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payment_intent_id")]]
    total_amount: NotRequired[Annotated[int, Field(alias="total_amount")]]
    tracking_number: NotRequired[Annotated[Optional[str], Field(alias="tracking_number")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicPaidMessages(BaseModel):
    client_id: uuid.UUID = Field(alias="client_id")
    conversation_id: uuid.UUID = Field(alias="conversation_id")
    expires_at: datetime.datetime = Field(alias="expires_at")
    id: uuid.UUID = Field(alias="id")
    message_id: uuid.UUID = Field(alias="message_id")
    price: int = Field(alias="price")
    reader_id: uuid.UUID = Field(alias="reader_id")
    resolved_at: Optional[datetime.datetime] = Field(alias="resolved_at")
    share_bps: int = Field(alias="share_bps")
    status: PublicPaidMessageStatus = Field(alias="status")
    transaction_id: Optional[uuid.UUID] = Field(alias="transaction_id")


class PublicPaidMessagesInsert(TypedDict):
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    conversation_id: Annotated[uuid.UUID, Field(alias="conversation_id")]
    expires_at: Annotated[datetime.datetime, Field(alias="expires_at")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    message_id: Annotated[uuid.UUID, Field(alias="message_id")]
    price: Annotated[int, Field(alias="price")]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    resolved_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="resolved_at")]]
    share_bps: Annotated[int, Field(alias="share_bps")]
    status: NotRequired[Annotated[PublicPaidMessageStatus, Field(alias="status")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]


class PublicPaidMessagesUpdate(TypedDict):
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    conversation_id: NotRequired[Annotated[uuid.UUID, Field(alias="conversation_id")]]
    expires_at: NotRequired[Annotated[datetime.datetime, Field(alias="expires_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    message_id: NotRequired[Annotated[uuid.UUID, Field(alias="message_id")]]
    price: NotRequired[Annotated[int, Field(alias="price")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    resolved_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="resolved_at")]]
    share_bps: NotRequired[Annotated[int, Field(alias="share_bps")]]
    status: NotRequired[Annotated[PublicPaidMessageStatus, Field(alias="status")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]


class PublicPayoutAttempts(BaseModel):
    amount: int = Field(alias="amount")
    bank_try: int = Field(alias="bank_try")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    destination: str = Field(alias="destination")
    error_code: Optional[str] = Field(alias="error_code")
    error_message: Optional[str] = Field(alias="error_message")
    failed_payouts: List[str] = Field(alias="failed_payouts")
    first_tried_at: Optional[datetime.datetime] = Field(alias="first_tried_at")
    id: uuid.UUID = Field(alias="id")
    method: str = Field(alias="method")
    number: int = Field(alias="number")
    payout_id: uuid.UUID = Field(alias="payout_id")
    status: PublicPayoutAttemptStatus = Field(alias="status")
    stripe_payout_id: Optional[str] = Field(alias="stripe_payout_id")
    transfer_id: Optional[str] = Field(alias="transfer_id")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicPayoutAttemptsInsert(TypedDict):
    amount: Annotated[int, Field(alias="amount")]
    bank_try: NotRequired[Annotated[int, Field(alias="bank_try")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: Annotated[str, Field(alias="currency")]
    destination: Annotated[str, Field(alias="destination")]
    error_code: NotRequired[Annotated[Optional[str], Field(alias="error_code")]]
    error_message: NotRequired[Annotated[Optional[str], Field(alias="error_message")]]
    failed_payouts: NotRequired[Annotated[List[str], Field(alias="failed_payouts")]]
    first_tried_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="first_tried_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    method: NotRequired[Annotated[str, Field(alias="method")]]
    number: Annotated[int, Field(alias="number")]
    payout_id: Annotated[uuid.UUID, Field(alias="payout_id")]
    status: NotRequired[Annotated[PublicPayoutAttemptStatus, Field(alias="status")]]
    stripe_payout_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payout_id")]]
    transfer_id: NotRequired[Annotated[Optional[str], Field(alias="transfer_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicPayoutAttemptsUpdate(TypedDict):
    amount: NotRequired[Annotated[int, Field(alias="amount")]]
    bank_try: NotRequired[Annotated[int, Field(alias="bank_try")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    destination: NotRequired[Annotated[str, Field(alias="destination")]]
    error_code: NotRequired[Annotated[Optional[str], Field(alias="error_code")]]
    error_message: NotRequired[Annotated[Optional[str], Field(alias="error_message")]]
    failed_payouts: NotRequired[Annotated[List[str], Field(alias="failed_payouts")]]
    first_tried_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="first_tried_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    method: NotRequired[Annotated[str, Field(alias="method")]]
    number: NotRequired[Annotated[int, Field(alias="number")]]
    payout_id: NotRequired[Annotated[uuid.UUID, Field(alias="payout_id")]]
    status: NotRequired[Annotated[PublicPayoutAttemptStatus, Field(alias="status")]]
    stripe_payout_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payout_id")]]
    transfer_id: NotRequired[Annotated[Optional[str], Field(alias="transfer_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicPayouts(BaseModel):
    amount: int = Field(alias="amount")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    failure_code: Optional[str] = Field(alias="failure_code")
    id: uuid.UUID = Field(alias="id")
    processed_at: Optional[datetime.datetime] = Field(alias="processed_at")
    reader_id: uuid.UUID = Field(alias="reader_id")
    returned: int = Field(alias="returned")
    status: PublicPayoutStatus = Field(alias="status")
    stripe_payout_id: Optional[str] = Field(alias="stripe_payout_id")
    stripe_transfer_id: Optional[str] = Field(alias="stripe_transfer_id")
    transaction_id: uuid.UUID = Field(alias="transaction_id")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicPayoutsInsert(TypedDict):
    amount: Annotated[int, Field(alias="amount")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    failure_code: NotRequired[Annotated[Optional[str], Field(alias="failure_code")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    processed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="processed_at")]]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    returned: NotRequired[Annotated[int, Field(alias="returned")]]
    status: NotRequired[Annotated[PublicPayoutStatus, Field(alias="status")]]
    stripe_payout_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payout_id")]]
    stripe_transfer_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_transfer_id")]]
    transaction_id: Annotated[uuid.UUID, Field(alias="transaction_id")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicPayoutsUpdate(TypedDict):
    amount: NotRequired[Annotated[int, Field(alias="amount")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    failure_code: NotRequired[Annotated[Optional[str], Field(alias="failure_code")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    processed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="processed_at")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    returned: NotRequired[Annotated[int, Field(alias="returned")]]
    status: NotRequired[Annotated[PublicPayoutStatus, Field(alias="status")]]
    stripe_payout_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payout_id")]]
    stripe_transfer_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_transfer_id")]]
    transaction_id: NotRequired[Annotated[uuid.UUID, Field(alias="transaction_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicProducts(BaseModel):
    category: str = Field(alias="category")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    description: str = Field(alias="description")
    dimensions: Optional[JsonValue] = Field(alias="dimensions")
    download_url: Optional[str] = Field(alias="download_url")
    featured: bool = Field(alias="featured")
    file_url: Optional[str] = Field(alias="file_url")
    id: uuid.UUID = Field(alias="id")
    images: List[str] = Field(alias="images")
    name: str = Field(alias="name")
    price: int = Field(alias="price")
    reader_id: Optional[uuid.UUID] = Field(alias="reader_id")
    search: PgCatalogTsvector = Field(alias="search")
    sku: Optional[str] = Field(alias="sku")
    status: PublicProductStatus = Field(alias="status")
    stock_quantity: Optional[int] = Field(alias="stock_quantity")
    stripe_product_id: Optional[str] = Field(alias="stripe_product_id")
    type: PublicProductType = Field(alias="type")
    updated_at: datetime.datetime = Field(alias="updated_at")
    weight: Optional[float] = Field(alias="weight")


class PublicProductsInsert(TypedDict):
    category: Annotated[str, Field(alias="category")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    description: Annotated[str, Field(alias="description")]
    dimensions: NotRequired[Annotated[Optional[JsonValue], Field(alias="dimensions")]]
    download_url: NotRequired[Annotated[Optional[str], Field(alias="download_url")]]
    featured: NotRequired[Annotated[bool, Field(alias="featured")]]
    file_url: NotRequired[Annotated[Optional[str], Field(alias="file_url")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    images: NotRequired[Annotated[List[str], Field(alias="images")]]
    name: Annotated[str, Field(alias="name")]
    price: Annotated[int, Field(alias="price")]
    reader_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reader_id")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    sku: NotRequired[Annotated[Optional[str], Field(alias="sku")]]
    status: NotRequired[Annotated[PublicProductStatus, Field(alias="status")]]
    stock_quantity: NotRequired[Annotated[Optional[int], Field(alias="stock_quantity")]]
    stripe_product_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_product_id")]]
    type: Annotated[PublicProductType, Field(alias="type")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    weight: NotRequired[Annotated[Optional[float], Field(alias="weight")]]


class PublicProductsUpdate(TypedDict):
    category: NotRequired[Annotated[str, Field(alias="category")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    description: NotRequired[Annotated[str, Field(alias="description")]]
    dimensions: NotRequired[Annotated[Optional[JsonValue], Field(alias="dimensions")]]
    download_url: NotRequired[Annotated[Optional[str], Field(alias="download_url")]]
    featured: NotRequired[Annotated[bool, Field(alias="featured")]]
    file_url: NotRequired[Annotated[Optional[str], Field(alias="file_url")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    images: NotRequired[Annotated[List[str], Field(alias="images")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    price: NotRequired[Annotated[int, Field(alias="price")]]
    reader_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reader_id")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    sku: NotRequired[Annotated[Optional[str], Field(alias="sku")]]
    status: NotRequired[Annotated[PublicProductStatus, Field(alias="status")]]
    stock_quantity: NotRequired[Annotated[Optional[int], Field(alias="stock_quantity")]]
    stripe_product_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_product_id")]]
    type: NotRequired[Annotated[PublicProductType, Field(alias="type")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    weight: NotRequired[Annotated[Optional[float], Field(alias="weight")]]


class PublicPromoCodes(BaseModel):
    amount: Optional[int] = Field(alias="amount")
    code: str = Field(alias="code")
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
    currency: str = Field(alias="currency")
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    id: uuid.UUID = Field(alias="id")
    kind: PublicPromoKind = Field(alias="kind")
    max_redemptions: Optional[int] = Field(alias="max_redemptions")
    minutes: Optional[int] = Field(alias="minutes")
    redemptions: int = Field(alias="redemptions")
    valid_from: datetime.datetime = Field(alias="valid_from")
    valid_to: Optional[datetime.datetime] = Field(alias="valid_to")


class PublicPromoCodesInsert(TypedDict):
    amount: NotRequired[Annotated[Optional[int], Field(alias="amount")]]
    code: Annotated[str, Field(alias="code")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: Annotated[PublicPromoKind, Field(alias="kind")]
    max_redemptions: NotRequired[Annotated[Optional[int], Field(alias="max_redemptions")]]
    minutes: NotRequired[Annotated[Optional[int], Field(alias="minutes")]]
    redemptions: NotRequired[Annotated[int, Field(alias="redemptions")]]
    valid_from: NotRequired[Annotated[datetime.datetime, Field(alias="valid_from")]]
    valid_to: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="valid_to")]]


class PublicPromoCodesUpdate(TypedDict):
    amount: NotRequired[Annotated[Optional[int], Field(alias="amount")]]
    code: NotRequired[Annotated[str, Field(alias="code")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: NotRequired[Annotated[PublicPromoKind, Field(alias="kind")]]
    max_redemptions: NotRequired[Annotated[Optional[int], Field(alias="max_redemptions")]]
    minutes: NotRequired[Annotated[Optional[int], Field(alias="minutes")]]
    redemptions: NotRequired[Annotated[int, Field(alias="redemptions")]]
    valid_from: NotRequired[Annotated[datetime.datetime, Field(alias="valid_from")]]
    valid_to: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="valid_to")]]


class PublicPromoRedemptions(BaseModel):
    card_fingerprint: Optional[str] = Field(alias="card_fingerprint")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    increments: Optional[int] = Field(alias="increments")
    promo_code_id: uuid.UUID = Field(alias="promo_code_id")
    session_id: Optional[uuid.UUID] = Field(alias="session_id")
    transaction_id: Optional[uuid.UUID] = Field(alias="transaction_id")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicPromoRedemptionsInsert(TypedDict):
    card_fingerprint: NotRequired[Annotated[Optional[str], Field(alias="card_fingerprint")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    increments: NotRequired[Annotated[Optional[int], Field(alias="increments")]]
    promo_code_id: Annotated[uuid.UUID, Field(alias="promo_code_id")]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicPromoRedemptionsUpdate(TypedDict):
    card_fingerprint: NotRequired[Annotated[Optional[str], Field(alias="card_fingerprint")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    increments: NotRequired[Annotated[Optional[int], Field(alias="increments")]]
    promo_code_id: NotRequired[Annotated[uuid.UUID, Field(alias="promo_code_id")]]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicReaderAccounts(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    details_submitted: bool = Field(alias="details_submitted")
    disabled_reason: Optional[str] = Field(alias="disabled_reason")
    id: uuid.UUID = Field(alias="id")
    payouts_enabled: bool = Field(alias="payouts_enabled")
    requirements_due: List[str] = Field(alias="requirements_due")
    status: PublicReaderStatus = Field(alias="status")
    stripe_account_id: Optional[str] = Field(alias="stripe_account_id")
    total_earnings: int = Field(alias="total_earnings")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")
    verification_docs: List[str] = Field(alias="verification_docs")


class PublicReaderAccountsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    details_submitted: NotRequired[Annotated[bool, Field(alias="details_submitted")]]
    disabled_reason: NotRequired[Annotated[Optional[str], Field(alias="disabled_reason")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    payouts_enabled: NotRequired[Annotated[bool, Field(alias="payouts_enabled")]]
    requirements_due: NotRequired[Annotated[List[str], Field(alias="requirements_due")]]
    status: NotRequired[Annotated[PublicReaderStatus, Field(alias="status")]]
    stripe_account_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_account_id")]]
    total_earnings: NotRequired[Annotated[int, Field(alias="total_earnings")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]
    verification_docs: NotRequired[Annotated[List[str], Field(alias="verification_docs")]]


class PublicReaderAccountsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    details_submitted: NotRequired[Annotated[bool, Field(alias="details_submitted")]]
    disabled_reason: NotRequired[Annotated[Optional[str], Field(alias="disabled_reason")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    payouts_enabled: NotRequired[Annotated[bool, Field(alias="payouts_enabled")]]
    requirements_due: NotRequired[Annotated[List[str], Field(alias="requirements_due")]]
    status: NotRequired[Annotated[PublicReaderStatus, Field(alias="status")]]
    stripe_account_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_account_id")]]
    total_earnings: NotRequired[Annotated[int, Field(alias="total_earnings")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]
    verification_docs: NotRequired[Annotated[List[str], Field(alias="verification_docs")]]


class PublicReaderApplications(BaseModel):
    bio: str = Field(alias="bio")
    created_at: datetime.datetime = Field(alias="created_at")
    first_name: str = Field(alias="first_name")
    id: uuid.UUID = Field(alias="id")
    last_name: str = Field(alias="last_name")
    pricing: JsonValue = Field(alias="pricing")
    reason: Optional[str] = Field(alias="reason")
    reviewed_at: Optional[datetime.datetime] = Field(alias="reviewed_at")
    reviewed_by: Optional[uuid.UUID] = Field(alias="reviewed_by")
    session_types: List[PublicSessionType] = Field(alias="session_types")
    specialties: List[str] = Field(alias="specialties")
    status: PublicApplicationStatus = Field(alias="status")
    timezone: str = Field(alias="timezone")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicReaderApplicationsInsert(TypedDict):
    bio: Annotated[str, Field(alias="bio")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    first_name: Annotated[str, Field(alias="first_name")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_name: Annotated[str, Field(alias="last_name")]
    pricing: Annotated[JsonValue, Field(alias="pricing")]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    reviewed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="reviewed_at")]]
    reviewed_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reviewed_by")]]
    session_types: Annotated[List[PublicSessionType], Field(alias="session_types")]
    specialties: NotRequired[Annotated[List[str], Field(alias="specialties")]]
    status: NotRequired[Annotated[PublicApplicationStatus, Field(alias="status")]]
    timezone: Annotated[str, Field(alias="timezone")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicReaderApplicationsUpdate(TypedDict):
    bio: NotRequired[Annotated[str, Field(alias="bio")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    first_name: NotRequired[Annotated[str, Field(alias="first_name")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_name: NotRequired[Annotated[str, Field(alias="last_name")]]
    pricing: NotRequired[Annotated[JsonValue, Field(alias="pricing")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    reviewed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="reviewed_at")]]
    reviewed_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reviewed_by")]]
    session_types: NotRequired[Annotated[List[PublicSessionType], Field(alias="session_types")]]
    specialties: NotRequired[Annotated[List[str], Field(alias="specialties")]]
    status: NotRequired[Annotated[PublicApplicationStatus, Field(alias="status")]]
    timezone: NotRequired[Annotated[str, Field(alias="timezone")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicReaders(BaseModel):
    avatar: Optional[str] = Field(alias="avatar")
    average_rating: float = Field(alias="average_rating")
    bio: str = Field(alias="bio")
    card: JsonValue = Field(alias="card")
    certifications: List[str] = Field(alias="certifications")
    created_at: datetime.datetime = Field(alias="created_at")
    experience: int = Field(alias="experience")
    first_name: str = Field(alias="first_name")
    headline: Optional[str] = Field(alias="headline")
    id: uuid.UUID = Field(alias="id")
    is_verified: bool = Field(alias="is_verified")
    languages: List[str] = Field(alias="languages")
    last_name: str = Field(alias="last_name")
    lowest_price: Optional[int] = Field(alias="lowest_price")
    pricing: JsonValue = Field(alias="pricing")
    reply_price: Optional[int] = Field(alias="reply_price")
    search: PgCatalogTsvector = Field(alias="search")
    session_types: List[PublicSessionType] = Field(alias="session_types")
    specialties: List[str] = Field(alias="specialties")
    status: PublicReaderStatus = Field(alias="status")
    timezone: str = Field(alias="timezone")
    total_sessions: int = Field(alias="total_sessions")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicReadersInsert(TypedDict):
    avatar: NotRequired[Annotated[Optional[str], Field(alias="avatar")]]
    average_rating: NotRequired[Annotated[float, Field(alias="average_rating")]]
    bio: Annotated[str, Field(alias="bio")]
    card: NotRequired[Annotated[JsonValue, Field(alias="card")]]
    certifications: NotRequired[Annotated[List[str], Field(alias="certifications")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    experience: NotRequired[Annotated[int, Field(alias="experience")]]
    first_name: Annotated[str, Field(alias="first_name")]
    headline: NotRequired[Annotated[Optional[str], Field(alias="headline")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_verified: NotRequired[Annotated[bool, Field(alias="is_verified")]]
    languages: NotRequired[Annotated[List[str], Field(alias="languages")]]
    last_name: Annotated[str, Field(alias="last_name")]
    lowest_price: NotRequired[Annotated[Optional[int], Field(alias="lowest_price")]]
    pricing: NotRequired[Annotated[JsonValue, Field(alias="pricing")]]
    reply_price: NotRequired[Annotated[Optional[int], Field(alias="reply_price")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    session_types: NotRequired[Annotated[List[PublicSessionType], Field(alias="session_types")]]
    specialties: NotRequired[Annotated[List[str], Field(alias="specialties")]]
    status: NotRequired[Annotated[PublicReaderStatus, Field(alias="status")]]
    timezone: NotRequired[Annotated[str, Field(alias="timezone")]]
    total_sessions: NotRequired[Annotated[int, Field(alias="total_sessions")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicReadersUpdate(TypedDict):
    avatar: NotRequired[Annotated[Optional[str], Field(alias="avatar")]]
    average_rating: NotRequired[Annotated[float, Field(alias="average_rating")]]
    bio: NotRequired[Annotated[str, Field(alias="bio")]]
    card: NotRequired[Annotated[JsonValue, Field(alias="card")]]
    certifications: NotRequired[Annotated[List[str], Field(alias="certifications")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    experience: NotRequired[Annotated[int, Field(alias="experience")]]
    first_name: NotRequired[Annotated[str, Field(alias="first_name")]]
    headline: NotRequired[Annotated[Optional[str], Field(alias="headline")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_verified: NotRequired[Annotated[bool, Field(alias="is_verified")]]
    languages: NotRequired[Annotated[List[str], Field(alias="languages")]]
    last_name: NotRequired[Annotated[str, Field(alias="last_name")]]
    lowest_price: NotRequired[Annotated[Optional[int], Field(alias="lowest_price")]]
    pricing: NotRequired[Annotated[JsonValue, Field(alias="pricing")]]
    reply_price: NotRequired[Annotated[Optional[int], Field(alias="reply_price")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    session_types: NotRequired[Annotated[List[PublicSessionType], Field(alias="session_types")]]
    specialties: NotRequired[Annotated[List[str], Field(alias="specialties")]]
    status: NotRequired[Annotated[PublicReaderStatus, Field(alias="status")]]
    timezone: NotRequired[Annotated[str, Field(alias="timezone")]]
    total_sessions: NotRequired[Annotated[int, Field(alias="total_sessions")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicRecordingConsents(BaseModel):
    consented_at: datetime.datetime = Field(alias="consented_at")
    id: uuid.UUID = Field(alias="id")
    session_id: uuid.UUID = Field(alias="session_id")
    user_id: uuid.UUID = Field(alias="user_id")
    withdrawn_at: Optional[datetime.datetime] = Field(alias="withdrawn_at")


class PublicRecordingConsentsInsert(TypedDict):
    consented_at: NotRequired[Annotated[datetime.datetime, Field(alias="consented_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    session_id: Annotated[uuid.UUID, Field(alias="session_id")]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]
    withdrawn_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="withdrawn_at")]]


class PublicRecordingConsentsUpdate(TypedDict):
    consented_at: NotRequired[Annotated[datetime.datetime, Field(alias="consented_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    session_id: NotRequired[Annotated[uuid.UUID, Field(alias="session_id")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]
    withdrawn_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="withdrawn_at")]]


class PublicReports(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    entity_id: uuid.UUID = Field(alias="entity_id")
    entity_type: str = Field(alias="entity_type")
    evidence: Optional[JsonValue] = Field(alias="evidence")
    id: uuid.UUID = Field(alias="id")
    reason: str = Field(alias="reason")
    reported_id: uuid.UUID = Field(alias="reported_id")
    reporter_id: uuid.UUID = Field(alias="reporter_id")
    resolution: Optional[str] = Field(alias="resolution")
    resolved_at: Optional[datetime.datetime] = Field(alias="resolved_at")
    resolved_by: Optional[uuid.UUID] = Field(alias="resolved_by")
    status: PublicReportStatus = Field(alias="status")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicReportsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    entity_id: Annotated[uuid.UUID, Field(alias="entity_id")]
    entity_type: Annotated[str, Field(alias="entity_type")]
    evidence: NotRequired[Annotated[Optional[JsonValue], Field(alias="evidence")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    reason: Annotated[str, Field(alias="reason")]
    reported_id: Annotated[uuid.UUID, Field(alias="reported_id")]
    reporter_id: Annotated[uuid.UUID, Field(alias="reporter_id")]
    resolution: NotRequired[Annotated[Optional[str], Field(alias="resolution")]]
    resolved_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="resolved_at")]]
    resolved_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="resolved_by")]]
    status: NotRequired[Annotated[PublicReportStatus, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicReportsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    entity_id: NotRequired[Annotated[uuid.UUID, Field(alias="entity_id")]]
    entity_type: NotRequired[Annotated[str, Field(alias="entity_type")]]
    evidence: NotRequired[Annotated[Optional[JsonValue], Field(alias="evidence")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    reason: NotRequired[Annotated[str, Field(alias="reason")]]
    reported_id: NotRequired[Annotated[uuid.UUID, Field(alias="reported_id")]]
    reporter_id: NotRequired[Annotated[uuid.UUID, Field(alias="reporter_id")]]
    resolution: NotRequired[Annotated[Optional[str], Field(alias="resolution")]]
    resolved_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="resolved_at")]]
    resolved_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="resolved_by")]]
    status: NotRequired[Annotated[PublicReportStatus, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicReviews(BaseModel):
    client_id: uuid.UUID = Field(alias="client_id")
    comment: Optional[str] = Field(alias="comment")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_hidden: bool = Field(alias="is_hidden")
    rating: int = Field(alias="rating")
    reader_id: uuid.UUID = Field(alias="reader_id")
    responded_at: Optional[datetime.datetime] = Field(alias="responded_at")
    response: Optional[str] = Field(alias="response")
    session_id: uuid.UUID = Field(alias="session_id")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicReviewsInsert(TypedDict):
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    comment: NotRequired[Annotated[Optional[str], Field(alias="comment")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_hidden: NotRequired[Annotated[bool, Field(alias="is_hidden")]]
    rating: Annotated[int, Field(alias="rating")]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    responded_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="responded_at")]]
    response: NotRequired[Annotated[Optional[str], Field(alias="response")]]
    session_id: Annotated[uuid.UUID, Field(alias="session_id")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicReviewsUpdate(TypedDict):
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    comment: NotRequired[Annotated[Optional[str], Field(alias="comment")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_hidden: NotRequired[Annotated[bool, Field(alias="is_hidden")]]
    rating: NotRequired[Annotated[int, Field(alias="rating")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    responded_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="responded_at")]]
    response: NotRequired[Annotated[Optional[str], Field(alias="response")]]
    session_id: NotRequired[Annotated[uuid.UUID, Field(alias="session_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicSessions(BaseModel):
    accepted_at: Optional[datetime.datetime] = Field(alias="accepted_at")
    billed_minutes: int = Field(alias="billed_minutes")
    billed_seconds: int = Field(alias="billed_seconds")
    client_id: uuid.UUID = Field(alias="client_id")
    client_joined_at: Optional[datetime.datetime] = Field(alias="client_joined_at")
    created_at: datetime.datetime = Field(alias="created_at")
    duration: Optional[int] = Field(alias="duration")
    end_reason: Optional[PublicEndReason] = Field(alias="end_reason")
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    expires_at: Optional[datetime.datetime] = Field(alias="expires_at")
    id: uuid.UUID = Field(alias="id")
    max_minutes: int = Field(alias="max_minutes")
    pause_reason: Optional[PublicPauseReason] = Field(alias="pause_reason")
    paused_at: Optional[datetime.datetime] = Field(alias="paused_at")
    reader_id: uuid.UUID = Field(alias="reader_id")
    reader_joined_at: Optional[datetime.datetime] = Field(alias="reader_joined_at")
    reader_rate: int = Field(alias="reader_rate")
    recording_url: Optional[str] = Field(alias="recording_url")
    scheduled_at: Optional[datetime.datetime] = Field(alias="scheduled_at")
    session_id: str = Field(alias="session_id")
    share_bps: int = Field(alias="share_bps")
    started_at: Optional[datetime.datetime] = Field(alias="started_at")
    status: PublicSessionStatus = Field(alias="status")
    terms: JsonValue = Field(alias="terms")
    total_cost: Optional[int] = Field(alias="total_cost")
    transaction_id: Optional[uuid.UUID] = Field(alias="transaction_id")
    type: PublicSessionType = Field(alias="type")
    updated_at: datetime.datetime = Field(alias="updated_at")


class PublicSessionsInsert(TypedDict):
    accepted_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="accepted_at")]]
    billed_minutes: NotRequired[Annotated[int, Field(alias="billed_minutes")]]
    billed_seconds: NotRequired[Annotated[int, Field(alias="billed_seconds")]]
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    client_joined_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="client_joined_at")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    duration: NotRequired[Annotated[Optional[int], Field(alias="duration")]]
    end_reason: NotRequired[Annotated[Optional[PublicEndReason], Field(alias="end_reason")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    expires_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="expires_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    max_minutes: Annotated[int, Field(alias="max_minutes")]
    pause_reason: NotRequired[Annotated[Optional[PublicPauseReason], Field(alias="pause_reason")]]
    paused_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="paused_at")]]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    reader_joined_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="reader_joined_at")]]
    reader_rate: Annotated[int, Field(alias="reader_rate")]
    recording_url: NotRequired[Annotated[Optional[str], Field(alias="recording_url")]]
    scheduled_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="scheduled_at")]]
    session_id: NotRequired[Annotated[str, Field(alias="session_id")]]
    share_bps: Annotated[int, Field(alias="share_bps")]
    started_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="started_at")]]
    status: NotRequired[Annotated[PublicSessionStatus, Field(alias="status")]]
    terms: Annotated[JsonValue, Field(alias="terms")]
    total_cost: NotRequired[Annotated[Optional[int], Field(alias="total_cost")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    type: Annotated[PublicSessionType, Field(alias="type")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicSessionsUpdate(TypedDict):
    accepted_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="accepted_at")]]
    billed_minutes: NotRequired[Annotated[int, Field(alias="billed_minutes")]]
    billed_seconds: NotRequired[Annotated[int, Field(alias="billed_seconds")]]
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    client_joined_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="client_joined_at")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    duration: NotRequired[Annotated[Optional[int], Field(alias="duration")]]
    end_reason: NotRequired[Annotated[Optional[PublicEndReason], Field(alias="end_reason")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    expires_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="expires_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    max_minutes: NotRequired[Annotated[int, Field(alias="max_minutes")]]
    pause_reason: NotRequired[Annotated[Optional[PublicPauseReason], Field(alias="pause_reason")]]
    paused_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="paused_at")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    reader_joined_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="reader_joined_at")]]
    reader_rate: NotRequired[Annotated[int, Field(alias="reader_rate")]]
    recording_url: NotRequired[Annotated[Optional[str], Field(alias="recording_url")]]
    scheduled_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="scheduled_at")]]
    session_id: NotRequired[Annotated[str, Field(alias="session_id")]]
    share_bps: NotRequired[Annotated[int, Field(alias="share_bps")]]
    started_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="started_at")]]
    status: NotRequired[Annotated[PublicSessionStatus, Field(alias="status")]]
    terms: NotRequired[Annotated[JsonValue, Field(alias="terms")]]
    total_cost: NotRequired[Annotated[Optional[int], Field(alias="total_cost")]]
    transaction_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="transaction_id")]]
    type: NotRequired[Annotated[PublicSessionType, Field(alias="type")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]


class PublicSystemSettings(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    description: str = Field(alias="description")
    id: uuid.UUID = Field(alias="id")
    is_public: bool = Field(alias="is_public")
    key: str = Field(alias="key")
    maximum: Optional[int] = Field(alias="maximum")
    minimum: Optional[int] = Field(alias="minimum")
    updated_at: datetime.datetime = Field(alias="updated_at")
    value: str = Field(alias="value")
    value_type: PublicSettingType = Field(alias="value_type")


class PublicSystemSettingsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: Annotated[str, Field(alias="description")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    key: Annotated[str, Field(alias="key")]
    maximum: NotRequired[Annotated[Optional[int], Field(alias="maximum")]]
    minimum: NotRequired[Annotated[Optional[int], Field(alias="minimum")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    value: Annotated[str, Field(alias="value")]
    value_type: Annotated[PublicSettingType, Field(alias="value_type")]


class PublicSystemSettingsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[str, Field(alias="description")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    maximum: NotRequired[Annotated[Optional[int], Field(alias="maximum")]]
    minimum: NotRequired[Annotated[Optional[int], Field(alias="minimum")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    value: NotRequired[Annotated[str, Field(alias="value")]]
    value_type: NotRequired[Annotated[PublicSettingType, Field(alias="value_type")]]


class PublicTransactions(BaseModel):
    amount: int = Field(alias="amount")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    description: Optional[str] = Field(alias="description")
    fee: Optional[int] = Field(alias="fee")
    id: uuid.UUID = Field(alias="id")
    metadata: JsonValue = Field(alias="metadata")
    platform_revenue: Optional[int] = Field(alias="platform_revenue")
    reader_earnings: Optional[int] = Field(alias="reader_earnings")
    session_id: Optional[uuid.UUID] = Field(alias="session_id")
    status: PublicTransactionStatus = Field(alias="status")
    stripe_checkout_session_id: Optional[str] = Field(alias="stripe_checkout_session_id")
    stripe_payment_intent_id: Optional[str] = Field(alias="stripe_payment_intent_id")
    stripe_transfer_id: Optional[str] = Field(alias="stripe_transfer_id")
    transaction_id: str = Field(alias="transaction_id")
    type: PublicTransactionType = Field(alias="type")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicTransactionsInsert(TypedDict):
    amount: Annotated[int, Field(alias="amount")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    fee: NotRequired[Annotated[Optional[int], Field(alias="fee")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    metadata: NotRequired[Annotated[JsonValue, Field(alias="metadata")]]
    platform_revenue: NotRequired[Annotated[Optional[int], Field(alias="platform_revenue")]]
    reader_earnings: NotRequired[Annotated[Optional[int], Field(alias="reader_earnings")]]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    status: Annotated[PublicTransactionStatus, Field(alias="status")]
    stripe_checkout_session_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_checkout_session_id")]]
    stripe_payment_intent_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payment_intent_id")]]
    stripe_transfer_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_transfer_id")]]
    transaction_id: NotRequired[Annotated[str, Field(alias="transaction_id")]]
    type: Annotated[PublicTransactionType, Field(alias="type")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicTransactionsUpdate(TypedDict):
    amount: NotRequired[Annotated[int, Field(alias="amount")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    fee: NotRequired[Annotated[Optional[int], Field(alias="fee")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    metadata: NotRequired[Annotated[JsonValue, Field(alias="metadata")]]
    platform_revenue: NotRequired[Annotated[Optional[int], Field(alias="platform_revenue")]]
    reader_earnings: NotRequired[Annotated[Optional[int], Field(alias="reader_earnings")]]
    session_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="session_id")]]
    status: NotRequired[Annotated[PublicTransactionStatus, Field(alias="status")]]
    stripe_checkout_session_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_checkout_session_id")]]
    stripe_payment_intent_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_payment_intent_id")]]
    stripe_transfer_id: NotRequired[Annotated[Optional[str], Field(alias="stripe_transfer_id")]]
    transaction_id: NotRequired[Annotated[str, Field(alias="transaction_id")]]
    type: NotRequired[Annotated[PublicTransactionType, Field(alias="type")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicUserKeys(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    device_id: uuid.UUID = Field(alias="device_id")
    device_key: str = Field(alias="device_key")
    id: uuid.UUID = Field(alias="id")
    identity_key: str = Field(alias="identity_key")
    revoked_at: Optional[datetime.datetime] = Field(alias="revoked_at")
    signature: str = Field(alias="signature")
    signing_key: str = Field(alias="signing_key")
    user_id: uuid.UUID = Field(alias="user_id")


class PublicUserKeysInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    device_id: Annotated[uuid.UUID, Field(alias="device_id")]
    device_key: Annotated[str, Field(alias="device_key")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    identity_key: Annotated[str, Field(alias="identity_key")]
    revoked_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="revoked_at")]]
    signature: Annotated[str, Field(alias="signature")]
    signing_key: Annotated[str, Field(alias="signing_key")]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]


class PublicUserKeysUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    device_id: NotRequired[Annotated[uuid.UUID, Field(alias="device_id")]]
    device_key: NotRequired[Annotated[str, Field(alias="device_key")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    identity_key: NotRequired[Annotated[str, Field(alias="identity_key")]]
    revoked_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="revoked_at")]]
    signature: NotRequired[Annotated[str, Field(alias="signature")]]
    signing_key: NotRequired[Annotated[str, Field(alias="signing_key")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]


class PublicUsers(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    role: PublicUserRole = Field(alias="role")
    status: PublicUserStatus = Field(alias="status")
    updated_at: datetime.datetime = Field(alias="updated_at")
    username: Optional[str] = Field(alias="username")


class PublicUsersInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: Annotated[uuid.UUID, Field(alias="id")]
    role: NotRequired[Annotated[PublicUserRole, Field(alias="role")]]
    status: NotRequired[Annotated[PublicUserStatus, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    username: NotRequired[Annotated[Optional[str], Field(alias="username")]]


class PublicUsersUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    role: NotRequired[Annotated[PublicUserRole, Field(alias="role")]]
    status: NotRequired[Annotated[PublicUserStatus, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    username: NotRequired[Annotated[Optional[str], Field(alias="username")]]


class PublicVirtualGifts(BaseModel):
    animation_url: Optional[str] = Field(alias="animation_url")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    description: Optional[str] = Field(alias="description")
    id: uuid.UUID = Field(alias="id")
    image_url: str = Field(alias="image_url")
    is_active: bool = Field(alias="is_active")
    name: str = Field(alias="name")
    price: int = Field(alias="price")


class PublicVirtualGiftsInsert(TypedDict):
    animation_url: NotRequired[Annotated[Optional[str], Field(alias="animation_url")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    image_url: Annotated[str, Field(alias="image_url")]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    name: Annotated[str, Field(alias="name")]
    price: Annotated[int, Field(alias="price")]


class PublicVirtualGiftsUpdate(TypedDict):
    animation_url: NotRequired[Annotated[Optional[str], Field(alias="animation_url")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    image_url: NotRequired[Annotated[str, Field(alias="image_url")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    price: NotRequired[Annotated[int, Field(alias="price")]]


class PublicWaitList(BaseModel):
    client_id: uuid.UUID = Field(alias="client_id")
    created_at: datetime.datetime = Field(alias="created_at")
    expires_at: Optional[datetime.datetime] = Field(alias="expires_at")
    id: uuid.UUID = Field(alias="id")
    offered_at: Optional[datetime.datetime] = Field(alias="offered_at")
    reader_id: uuid.UUID = Field(alias="reader_id")
    type: PublicSessionType = Field(alias="type")


class PublicWaitListInsert(TypedDict):
    client_id: Annotated[uuid.UUID, Field(alias="client_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    expires_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="expires_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    offered_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="offered_at")]]
    reader_id: Annotated[uuid.UUID, Field(alias="reader_id")]
    type: Annotated[PublicSessionType, Field(alias="type")]


class PublicWaitListUpdate(TypedDict):
    client_id: NotRequired[Annotated[uuid.UUID, Field(alias="client_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    expires_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="expires_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    offered_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="offered_at")]]
    reader_id: NotRequired[Annotated[uuid.UUID, Field(alias="reader_id")]]
    type: NotRequired[Annotated[PublicSessionType, Field(alias="type")]]


class PublicReaderEarnings(BaseModel):
    balance: Optional[int] = Field(alias="balance")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    held: int = Field(alias="held")
    id: uuid.UUID = Field(alias="id")
    payable: Optional[int] = Field(alias="payable")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: Optional[uuid.UUID] = Field(alias="user_id")


class PublicWallets(BaseModel):
    available: Optional[int] = Field(alias="available")
    balance: Optional[int] = Field(alias="balance")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    held: Optional[int] = Field(alias="held")
    id: uuid.UUID = Field(alias="id")
    promo: Optional[int] = Field(alias="promo")
    updated_at: Optional[datetime.datetime] = Field(alias="updated_at")
    user_id: Optional[uuid.UUID] = Field(alias="user_id")
