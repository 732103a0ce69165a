"""What node servers written for the on-premise module ask of their interface besides."""

from __future__ import annotations

from typing import Any, Optional

from .log import LOGGER

_FEATURES = frozenset({'noticeByKey'})


class OnPremise:
    """Answered from ``server.json``, or politely declined."""

    serverFile: Optional[dict[str, Any]]
    _profileInstalled: bool

    def installprofile(self) -> None:
        raise NotImplementedError

    @property
    def serverdata(self) -> dict[str, Any]:
        """``server.json`` with the ``version`` of its first credit."""
        data = dict(self.serverFile or {})
        credit = next(iter(data.get('credits') or []), {})
        data['version'] = str(credit.get('version') or data.get('version') or 'unknown')
        data.setdefault('name', credit.get('title') or 'unknown')
        data.setdefault('profile_version', 'unknown')
        return data

    def get_server_data(self, check_profile: bool = False, build_profile: Any = None) -> dict[str, Any]:
        """``serverdata``; with ``check_profile`` the profile is uploaded, once in a run."""
        if callable(build_profile):
            build_profile()
        if check_profile and not self._profileInstalled:
            self.installprofile()
        return self.serverdata

    def supports_feature(self, feature: str) -> bool:
        """Typed parameters and configuration pages are not part of PGC."""
        return feature in _FEATURES

    def add_custom_config_docs(self, data: str, clearCurrentData: bool = False) -> None:
        """There is no place for a configuration page."""
        LOGGER.debug('A configuration page is not shown here')

    def save_typed_params(self, data: Any) -> None:
        """There are no typed parameters."""
        LOGGER.debug('Typed parameters are not kept here')
