//! The Microsoft Graph client: token, paging, throttle budget, policy families.
